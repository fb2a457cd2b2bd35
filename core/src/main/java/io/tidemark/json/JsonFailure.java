package io.tidemark.json;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.tidemark.BadValueException;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reports a failure of Jackson without the values that Jackson quotes. */
final class JsonFailure {
  /** Their messages contain only classes and numbers. */
  private static final Set<Class<?>> SAFE =
      Set.of(InvalidDefinitionException.class, StreamConstraintsException.class);

  /** Their messages start with what is wrong, before they quote anything. */
  private static final Set<Class<?>> SAFE_UP_TO_A_QUOTE =
      Set.of(
          MismatchedInputException.class,
          InvalidFormatException.class,
          InvalidNullException.class,
          InvalidTypeIdException.class,
          JsonParseException.class,
          JsonEOFException.class);

  private static final Pattern QUOTE = Pattern.compile("['\"]| \\(|: |; ");

  /** A longer path does not help a reader. */
  private static final int MAX_PATH_CHARS = 200;

  private JsonFailure() {}

  /** Converts a failure, without the values in it and in its causes. */
  static BadValueException toBadValue(IOException failure) {
    BadValueException bad = new BadValueException(path(failure), reason(failure));
    bad.setStackTrace(failure.getStackTrace());
    return bad;
  }

  private static String reason(Throwable failure) {
    if (failure instanceof JsonProcessingException jackson) {
      String message = jackson.getOriginalMessage();
      if (SAFE.contains(failure.getClass())) {
        return message;
      }
      if (SAFE_UP_TO_A_QUOTE.contains(failure.getClass())) {
        return QUOTE.split(message, 2)[0].trim();
      }
    }
    Throwable cause = failure.getCause();
    return failure.getClass().getName() + (cause == null ? "" : ", caused by " + reason(cause));
  }

  private static String path(IOException failure) {
    if (!(failure instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
      return "";
    }
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference reference : mapping.getPath()) {
      if (path.isEmpty()) {
        path.append(type(reference.getFrom()).getSimpleName());
      }
      if (reference.getFieldName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        // A map's keys are part of the value.
        boolean isKey = Map.class.isAssignableFrom(type(reference.getFrom()));
        path.append(isKey ? "[a key]" : "." + reference.getFieldName());
      }
    }
    return path.length() <= MAX_PATH_CHARS
        ? path.toString()
        : path.substring(0, MAX_PATH_CHARS) + "…";
  }

  private static Class<?> type(@Nullable Object from) {
    if (from == null) {
      return Object.class;
    }
    return from instanceof Class<?> type ? type : from.getClass();
  }
}
