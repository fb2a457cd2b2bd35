package io.tidemark.demo.live;

import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import io.tidemark.processes.ChildDiedException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/** A node or a server that does not answer is 503; all else is a fault of the program. */
final class LiveFailures implements Route.Failures {
  private static final Logger LOG = LoggerFactory.getLogger(LiveFailures.class);

  @Override
  public Response explain(Exception failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof IOException
        || failure instanceof TimeoutException
        || failure instanceof JedisException
        || failure instanceof ChildDiedException) {
      return Response.error(503, message);
    }
    if (failure instanceof InterruptedException) {
      return Response.error(503, "the demo is being stopped");
    }
    LOG.warn("a request failed", failure);
    return Response.error(500, message);
  }
}
