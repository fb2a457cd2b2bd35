package io.tidemark;

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
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.ContextualSerializer;
import com.fasterxml.jackson.databind.ser.std.DateSerializer;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.io.Serial;
import java.sql.Date;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;

/**
 * Writes a date of a database as the day that it is, and reads it as that day. Jackson reads the
 * day as one of UTC, which west of it is the day before.
 */
final class JsonSqlDates {
  private JsonSqlDates() {}

  static Module module() {
    return new SimpleModule("tidemark-sql-dates")
        .addSerializer(Date.class, new Serializer())
        .addDeserializer(Date.class, new Deserializer());
  }

  private static final class Serializer extends StdScalarSerializer<Date>
      implements ContextualSerializer {
    @Serial private static final long serialVersionUID = 1L;

    Serializer() {
      super(Date.class);
    }

    /** What is declared as a {@link java.util.Date} is read as one: then it is a point in time. */
    @Override
    public JsonSerializer<?> createContextual(SerializerProvider provider, BeanProperty property)
        throws JsonMappingException {
      if (property == null) {
        return this;
      }
      JavaType declared = property.getType();
      while (declared.getContentType() != null) {
        declared = declared.getContentType();
      }
      return declared.hasRawClass(java.util.Date.class)
          ? provider.handleSecondaryContextualization(DateSerializer.instance, property)
          : this;
    }

    @Override
    public void serialize(Date date, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(date.toLocalDate().toString());
    }
  }

  private static final class Deserializer extends StdScalarDeserializer<Date> {
    @Serial private static final long serialVersionUID = 1L;

    Deserializer() {
      super(Date.class);
    }

    @Override
    public Date deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      String text = _parseString(parser, context, this);
      try {
        return Date.valueOf(LocalDate.parse(text));
      } catch (DateTimeParseException e) {
        return (Date) context.handleWeirdStringValue(Date.class, text, "it is no day");
      }
    }
  }
}
