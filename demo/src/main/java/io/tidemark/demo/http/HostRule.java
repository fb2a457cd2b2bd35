package io.tidemark.demo.http;

import static java.util.regex.Pattern.CASE_INSENSITIVE;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which requests come from where they should. A browser lets a page of any site send requests here,
 * and says in Origin whose it is. A name of its own that leads here makes that site's page one of
 * the same origin, but stays in Host.
 */
public enum HostRule {
  /** Requests that read may call this machine by any name, requests that change may not. */
  LOOPBACK_FOR_CHANGES(Hosts.THIS_MACHINE, "127.0.0.1, localhost or [::1]", false),

  /**
   * Every request calls this machine localhost, or by an address: no site has one as its name. What
   * another site's page fetches is refused also where a browser names no origin, as for an image; a
   * link to the first page is not.
   */
  ADDRESS(Hosts.ADDRESS, "localhost or an IP address", true);

  private static final Set<String> READS = Set.of("GET", "HEAD");
  private static final String NO_SITE = "none";
  private static final Set<String> OWN_SITES = Set.of("same-origin", NO_SITE);

  /** What may be called. */
  private static final class Hosts {
    static final Pattern THIS_MACHINE =
        Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1])(:[0-9]{1,5})?", CASE_INSENSITIVE);
    static final Pattern ADDRESS =
        Pattern.compile(
            "([0-9]{1,3}(\\.[0-9]{1,3}){3}|localhost|\\[[0-9a-f:.]+])(:[0-9]{1,5})?",
            CASE_INSENSITIVE);
  }

  private final Pattern allowed;
  private final String rule;
  private final boolean holdsForReads;

  HostRule(Pattern allowed, String rule, boolean holdsForReads) {
    this.allowed = allowed;
    this.rule = rule;
    this.holdsForReads = holdsForReads;
  }

  /**
   * Lets a request pass.
   *
   * @throws RefusedRequestException 403 with the header, its value and the rule; 400 if a header is
   *     given twice
   */
  void check(String method, String path, Headers headers) {
    if (!holdsForReads && READS.contains(method)) {
      return;
    }
    String host = only(headers, "Host").orElse("");
    if (!allowed.matcher(host).matches()) {
      throw new RefusedRequestException(
          403, "Host is '" + host + "'; it must be " + rule + ", and a port");
    }
    Optional<String> origin = only(headers, "Origin");
    if (origin.isPresent() && !origin.get().equalsIgnoreCase("http://" + host)) {
      throw new RefusedRequestException(
          403, "Origin is '" + origin.get() + "'; it must be http://" + host + " or absent");
    }
    String site = only(headers, "Sec-Fetch-Site").orElse(NO_SITE);
    boolean isLink =
        path.equals("/") && only(headers, "Sec-Fetch-Mode").orElse("").equals("navigate");
    if (holdsForReads && !OWN_SITES.contains(site) && !isLink) {
      throw new RefusedRequestException(
          403, "Sec-Fetch-Site is '" + site + "'; it must be same-origin, none or absent");
    }
  }

  private static Optional<String> only(Headers headers, String name) {
    List<String> values = headers.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new RefusedRequestException(400, name + " is given twice; it may be given once");
    }
    return values.stream().findFirst();
  }
}
