// SPDX-License-Identifier: GPL-2.0
/*
 * Run a program whose TCP sockets show the SMC option.
 *
 *   synopt PROGRAM [ARGUMENT...]
 */
#include "synopt.h"

int main(int argc, char **argv)
{
	if (argc < 2)
		errx(2, "synopt PROGRAM [ARGUMENT...]");
	synopt_start();
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}
