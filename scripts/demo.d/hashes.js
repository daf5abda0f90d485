// SPDX-License-Identifier: GPL-2.0
// A server that answers with the SHA-256 of what it is sent, and its client:
//
//   node hashes.js                   serve at port 8091
//   node hashes.js HOST REQUESTS     ask, and count wrong answers
'use strict';
const http = require('http');
const { createHash, randomBytes } = require('crypto');

const PORT = 8091;
const AT_ONCE = 20;

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

function serve() {
	// who is idle must not be cut off while the next request is on its way
	const options = { keepAliveTimeout: 600000 };

	http.createServer(options, (request, response) => {
		const hash = createHash('sha256');
		request.on('data', (data) => hash.update(data));
		request.on('end', () => response.end(hash.digest('hex')));
	}).listen(PORT);
}

function ask(host, agent, size) {
	const data = randomBytes(size);
	return new Promise((resolve, reject) => {
		http.request({ host, port: PORT, method: 'POST', agent },
			(response) => {
				let answer = '';
				response.on('data', (text) => { answer += text; });
				response.on('error', reject);
				response.on('end', () => answer === sha256(data) ?
					resolve() : reject(Error('wrong: ' + answer)));
			}).on('error', reject).end(data);
	});
}

async function client(host, requests) {
	const lasting = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
	const short = new http.Agent({ keepAlive: false });
	let left = requests, answers = 0, errors = 0;

	async function row() {
		while (left-- > 0) {
			try {
				await ask(host, left % 10 ? lasting : short,
					left * 997 % 100000);
				answers++;
			} catch (error) {
				console.error(String(error));
				errors++;
			}
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, row));
	lasting.destroy();
	console.log(`answers: ${answers}\nerrors: ${errors}`);
}

if (process.argv.length > 3)
	client(process.argv[2], Number(process.argv[3]));
else
	serve();
