package io.tidemark.demo.node;

import io.tidemark.CacheClosedException;
import io.tidemark.CallInterruptedException;
import io.tidemark.DeadlineExceededException;
import io.tidemark.LoadFailedException;
import io.tidemark.OutcomeUnknownException;
import io.tidemark.UnavailableException;
import io.tidemark.demo.http.Response;
import io.tidemark.demo.http.Route;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/** Tells a server that is away, 503, from a fault of the program, 500. Thread-safe. */
final class NodeFailures implements Route.Failures {
  private static final Logger LOG = LoggerFactory.getLogger(NodeFailures.class);
  private static final String RETRY_SECONDS = "1";

  @Override
  public Response explain(Exception failure) {
    if (isTemporary(failure)) {
      return Response.error(503, message(failure)).withHeader("Retry-After", RETRY_SECONDS);
    }
    LOG.warn("a request failed", failure);
    return Response.error(500, message(failure));
  }

  private static boolean isTemporary(Throwable failure) {
    if (failure instanceof LoadFailedException && failure.getCause() != null) {
      return isTemporary(failure.getCause());
    }
    return failure instanceof UnavailableException
        || failure instanceof DeadlineExceededException
        || failure instanceof OutcomeUnknownException
        || failure instanceof CallInterruptedException
        || failure instanceof CacheClosedException
        || failure instanceof JedisException
        || (failure instanceof SQLException sql && isTemporary(sql));
  }

  /** No connection, no resources, cancelled or shut down, in the classes of the SQL states. */
  private static boolean isTemporary(SQLException failure) {
    String state = failure.getSQLState();
    return failure instanceof SQLTransientException
        || (state != null
            && (state.startsWith("08") || state.startsWith("53") || state.startsWith("57")));
  }

  private static String message(Exception failure) {
    StringBuilder message = new StringBuilder(String.valueOf(failure.getMessage()));
    if (failure instanceof LoadFailedException && failure.getCause() != null) {
      message.append(": ").append(failure.getCause().getMessage());
    }
    return message.toString();
  }
}
