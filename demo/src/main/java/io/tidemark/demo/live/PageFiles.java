package io.tidemark.demo.live;

import io.tidemark.demo.http.RefusedRequestException;
import io.tidemark.demo.http.Request;
import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The page, which the build puts beside this class where there is Node.js. Thread-safe. */
final class PageFiles {
  private static final String FOLDER = "page/";
  private static final String ASSETS = "assets/";
  private static final String INDEX = "index.html";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");
  private static final String DEFAULT_TYPE = "application/octet-stream";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png");

  /** Nothing is loaded from elsewhere, and nobody frames it. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /** What to say instead of it. */
  static final String MISSING =
      "The page is not here: it is built with Node.js, 18 or newer, and npm, and this machine had"
          + " none when the demo was built. Install them, remove demo/target/built, and start again."
          + " Everything else of 'serve' works without it.\n";

  private PageFiles() {}

  /** Whether the page was built. */
  static boolean areHere() {
    return PageFiles.class.getResource(FOLDER + INDEX) != null;
  }

  static List<Route> routes() {
    return List.of(
        Route.ofPage("/", request -> index()),
        Route.ofPage("/{file}", request -> file(request, "", "no-cache")),
        Route.ofPage(
            "/assets/{file}",
            request -> file(request, ASSETS, "public, max-age=31536000, immutable")));
  }

  private static Response index() throws IOException {
    byte[] index = read(INDEX);
    return index == null
        ? Response.text(503, "text/plain; charset=utf-8", MISSING)
        : withHeaders(Response.bytes(200, type(INDEX), index), "no-cache");
  }

  private static Response file(Request request, String folder, String caching) throws IOException {
    String name = request.path("file", text -> text);
    byte[] file = NAME.matcher(name).matches() ? read(folder + name) : null;
    if (file == null) {
      throw new RefusedRequestException(
          404, "path is '/" + folder + name + "'; there is nothing of that name");
    }
    return withHeaders(Response.bytes(200, type(name), file), caching);
  }

  private static Response withHeaders(Response response, String caching) {
    return response
        .withHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .withHeader("X-Content-Type-Options", "nosniff")
        .withHeader("Referrer-Policy", "no-referrer")
        .withHeader("Cache-Control", caching);
  }

  private static byte @Nullable [] read(String name) throws IOException {
    try (InputStream in = PageFiles.class.getResourceAsStream(FOLDER + name)) {
      return in == null ? null : in.readAllBytes();
    }
  }

  private static String type(String name) {
    return TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), DEFAULT_TYPE);
  }
}
