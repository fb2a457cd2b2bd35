package com.example.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.processes.Child;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A running catalogue, and requests to it. Each is sent once, on a connection of its own: the
 * clients of the JDK send some requests again by themselves.
 *
 * @param child its process
 * @param port where it listens
 * @param directory where its logs are
 */
record Instance(Child child, int port, Path directory) {
  /** What its access log has to say of each request: the status, and the path. */
  static final String LOG_PATTERN = "%s %U%q";

  private static final int UNAVAILABLE = 503;

  /** The status and the body of an answer. */
  record Answer(int status, String body) {}

  Answer get(String path) throws IOException {
    return send("GET", path, "");
  }

  Answer put(String path, String json) throws IOException {
    return send("PUT", path, json);
  }

  /**
   * Sends a request.
   *
   * @throws java.net.ConnectException if nothing listens
   * @throws EOFException if the application gave no answer: the connection was closed without a
   *     byte of one, or Tomcat refused the request by itself, as it does while it stops
   */
  private Answer send(String method, String path, String json) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      byte[] body = json.getBytes(UTF_8);
      String head =
          method
              + " "
              + path
              + " HTTP/1.0\r\n"
              + "Content-Type: application/json\r\nContent-Length: "
              + body.length
              + "\r\n\r\n";
      socket.getOutputStream().write((head + json).getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      if (answer.isEmpty()) {
        throw new EOFException("no answer");
      }
      int status = Integer.parseInt(answer.split(" ", 3)[1]);
      String content = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      // The application's own errors are JSON.
      if (status == UNAVAILABLE && content.startsWith("<!doctype html>")) {
        throw new EOFException("no answer of the application");
      }
      return new Answer(status, content);
    }
  }

  boolean isListening() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** The paths of all requests that it did not answer 503; complete when it has ended. */
  List<String> accepted() throws IOException {
    List<String> paths = new ArrayList<>();
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory.resolve("logs"))) {
      for (Path log : logs) {
        for (String line : Files.readAllLines(log)) {
          String[] words = line.split(" ", 2);
          if (Integer.parseInt(words[0]) != UNAVAILABLE) {
            paths.add(words[1]);
          }
        }
      }
    }
    return paths;
  }
}
