package io.tidemark.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.ContextualSerializer;
import com.fasterxml.jackson.databind.ser.std.DateSerializer;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.io.Serial;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes an SQL date as its day, and an SQL timestamp to the nanosecond. Jackson reads the day as
 * one in UTC, which is the day before to the west of it, and truncates the timestamp.
 */
final class JsonSqlTimes {
  private JsonSqlTimes() {}

  static Module module() {
    return new SimpleModule("tidemark-sql-times")
        .addSerializer(
            Date.class, new Serializer<>(Date.class, date -> date.toLocalDate().toString()))
        .addDeserializer(
            Date.class, new Deserializer<>(Date.class, text -> Date.valueOf(LocalDate.parse(text))))
        .addSerializer(
            Timestamp.class, new Serializer<>(Timestamp.class, at -> at.toInstant().toString()))
        .addDeserializer(
            Timestamp.class,
            new Deserializer<>(Timestamp.class, text -> Timestamp.from(Instant.parse(text))));
  }

  private static final class Serializer<T> extends StdScalarSerializer<T>
      implements ContextualSerializer {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Function<T, String> text;

    Serializer(Class<T> type, Function<T, String> text) {
      super(type);
      this.text = text;
    }

    /** A property declared as a {@link java.util.Date} is read as one, so it is written as one. */
    @Override
    public JsonSerializer<?> createContextual(
        SerializerProvider provider, @Nullable BeanProperty property) throws JsonMappingException {
      JavaType declared = property == null ? null : JsonMappers.innermost(property.getType());
      return declared != null && declared.hasRawClass(java.util.Date.class)
          ? provider.handleSecondaryContextualization(DateSerializer.instance, property)
          : this;
    }

    @Override
    public void serialize(T time, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(text.apply(time));
    }
  }

  private static final class Deserializer<T> extends StdScalarDeserializer<T> {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Function<String, T> time;

    Deserializer(Class<T> type, Function<String, T> time) {
      super(type);
      this.time = time;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      try {
        return time.apply(_parseString(parser, context, this));
      } catch (DateTimeParseException | IllegalArgumentException e) {
        throw MismatchedInputException.from(parser, handledType(), "The text is of another type");
      }
    }
  }
}
