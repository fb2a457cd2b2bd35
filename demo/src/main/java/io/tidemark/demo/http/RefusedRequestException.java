package io.tidemark.demo.http;

import java.io.Serial;

/** A request is not served; the status and the message are the answer. */
public final class RefusedRequestException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * Refuses a request.
   *
   * @param status the HTTP status, 400 to 599
   * @param message the field, its value and the rule
   */
  public RefusedRequestException(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
