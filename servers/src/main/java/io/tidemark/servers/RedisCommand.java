package io.tidemark.servers;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** One command to a Redis on 127.0.0.1, on a connection of its own. */
final class RedisCommand {
  private static final int ANSWER_MILLIS = 60_000;

  private RedisCommand() {}

  /**
   * Sends it, and returns its answer: a text or a number.
   *
   * @throws IOException if there is none, or if it is an error
   */
  static String run(int port, String... words) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(Loopback.address(port), ANSWER_MILLIS);
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write(encoded(words).getBytes(US_ASCII));
      return answer(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private static String encoded(String[] words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return request.toString();
  }

  private static String answer(InputStream in) throws IOException {
    String line = line(in);
    return switch (line.charAt(0)) {
      case '+', ':' -> line.substring(1);
      case '$' -> new String(in.readNBytes(Integer.parseInt(line.substring(1))), US_ASCII);
      default -> throw new IOException("Redis answered " + line);
    };
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("Redis closed the connection");
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }
}
