package io.tidemark.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jsr310.deser.InstantDeserializer;
import java.io.IOException;
import java.io.Serial;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Set;

/**
 * Reads the types of {@code java.time} only from the text that they are written as. Jackson itself
 * also reads a number as a time, in seconds: if a release turned a {@code long} of milliseconds
 * into a time, it would read a year beyond 58000.
 */
final class JsonTimes extends BeanDeserializerModifier {
  @Serial private static final long serialVersionUID = 1L;

  private static final Set<Class<?>> WITH_A_DATE_AND_A_TIME =
      Set.of(Instant.class, OffsetDateTime.class, ZonedDateTime.class);

  private JsonTimes() {}

  /** Restricts Jackson's module for {@code java.time} to that text. */
  static Module module() {
    return new SimpleModule("tidemark-times").setDeserializerModifier(new JsonTimes());
  }

  @Override
  public JsonDeserializer<?> modifyDeserializer(
      DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
    // The program's own deserializers read what they like.
    return deserializer
            .getClass()
            .getPackageName()
            .equals(InstantDeserializer.class.getPackageName())
        ? new TextDeserializer(deserializer)
        : deserializer;
  }

  /** Reads a time from a text. */
  private static final class TextDeserializer extends DelegatingDeserializer {
    @Serial private static final long serialVersionUID = 1L;

    TextDeserializer(JsonDeserializer<?> delegatee) {
      super(delegatee);
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegatee) {
      return new TextDeserializer(delegatee);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      JsonToken token = parser.currentToken();
      if (token.isNumeric() || token == JsonToken.START_ARRAY) {
        throw MismatchedInputException.from(parser, handledType(), "A time must be a text");
      }
      if (token == JsonToken.VALUE_STRING && isOfAnother(handledType(), parser.getText())) {
        throw MismatchedInputException.from(parser, handledType(), "The text is of another type");
      }
      return super.deserialize(parser, context);
    }

    /** Detects text with more than the type holds, which Jackson would cut, and numbers. */
    private static boolean isOfAnother(Class<?> type, String text) {
      if (type == LocalDate.class || type == LocalTime.class) {
        return text.indexOf('T') >= 0;
      }
      if (type == LocalDateTime.class) {
        return text.indexOf('Z') >= 0;
      }
      return WITH_A_DATE_AND_A_TIME.contains(type) && text.indexOf('T') < 0;
    }
  }
}
