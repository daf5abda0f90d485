// SPDX-License-Identifier: GPL-2.0

import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that answers with the SHA-256 of what it is sent, and its client:
 *
 *   java Hashes.java                   serve at port 8090
 *   java Hashes.java HOST REQUESTS     ask in each of 8 threads, and count
 *                                      wrong answers
 */
public class Hashes {
	static final int PORT = 8090;
	static final int THREADS = 8;
	static final AtomicInteger answers = new AtomicInteger();
	static final AtomicInteger errors = new AtomicInteger();

	static String sha256(byte[] data) throws Exception {
		MessageDigest digest = MessageDigest.getInstance("SHA-256");
		return HexFormat.of().formatHex(digest.digest(data));
	}

	static void serve() throws Exception {
		HttpServer server =
			HttpServer.create(new InetSocketAddress(PORT), 0);
		server.createContext("/", exchange -> {
			try (InputStream in = exchange.getRequestBody()) {
				byte[] answer = sha256(in.readAllBytes()).getBytes();
				exchange.sendResponseHeaders(200, answer.length);
				exchange.getResponseBody().write(answer);
			} catch (Exception e) {
				e.printStackTrace();
			} finally {
				exchange.close();
			}
		});
		server.setExecutor(Executors.newFixedThreadPool(THREADS));
		server.start();
	}

	static void ask(HttpClient client, URI uri, Random random) {
		byte[] data = new byte[random.nextInt(50000)];

		random.nextBytes(data);
		try {
			HttpRequest request = HttpRequest.newBuilder(uri)
				.POST(HttpRequest.BodyPublishers.ofByteArray(data))
				.build();
			HttpResponse<String> response = client.send(request,
				HttpResponse.BodyHandlers.ofString());
			if (response.body().equals(sha256(data)))
				answers.incrementAndGet();
			else
				throw new Exception("wrong: " + response.body());
		} catch (Exception e) {
			e.printStackTrace();
			errors.incrementAndGet();
		}
	}

	/** Each thread has a client of its own, so at least one connection. */
	static void thread(URI uri, int requests) {
		HttpClient client = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1).build();
		Random random = new Random();

		for (int i = 0; i < requests; i++)
			ask(client, uri, random);
	}

	public static void main(String[] args) throws Exception {
		if (args.length < 2) {
			serve();
			return;
		}
		URI uri = URI.create("http://" + args[0] + ":" + PORT + "/");
		int requests = Integer.parseInt(args[1]);
		var threads = Executors.newFixedThreadPool(THREADS);
		for (int i = 0; i < THREADS; i++)
			threads.submit(() -> thread(uri, requests));
		threads.shutdown();
		threads.awaitTermination(1, TimeUnit.HOURS);
		System.out.println("answers: " + answers);
		System.out.println("errors: " + errors);
		System.exit(0);
	}
}
