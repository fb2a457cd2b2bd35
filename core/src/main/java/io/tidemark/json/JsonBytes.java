package io.tidemark.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.io.Serial;

/**
 * Writes a byte array as an object that holds its Base64. Jackson writes the text alone, which
 * could be taken for a {@code String} of another release, and the reverse.
 */
final class JsonBytes {
  private static final String NAME = "base64";

  private JsonBytes() {}

  static Module module() {
    return new SimpleModule("tidemark-bytes")
        .addSerializer(byte[].class, new Serializer())
        .addDeserializer(byte[].class, new Deserializer());
  }

  private static final class Serializer extends StdSerializer<byte[]> {
    @Serial private static final long serialVersionUID = 1L;

    Serializer() {
      super(byte[].class);
    }

    @Override
    public boolean isEmpty(SerializerProvider provider, byte[] bytes) {
      return bytes.length == 0;
    }

    @Override
    public void serialize(byte[] bytes, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeStartObject();
      json.writeBinaryField(NAME, bytes);
      json.writeEndObject();
    }

    /** No subclass of a byte array exists, so the type is not written. */
    @Override
    public void serializeWithType(
        byte[] bytes, JsonGenerator json, SerializerProvider provider, TypeSerializer types)
        throws IOException {
      serialize(bytes, json, provider);
    }
  }

  private static final class Deserializer extends StdDeserializer<byte[]> {
    @Serial private static final long serialVersionUID = 1L;

    Deserializer() {
      super(byte[].class);
    }

    @Override
    public byte[] deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (!parser.isExpectedStartObjectToken()
          || !NAME.equals(parser.nextFieldName())
          || parser.nextToken() != JsonToken.VALUE_STRING) {
        throw MismatchedInputException.from(parser, byte[].class, "Bytes must be a JSON object");
      }
      byte[] bytes = parser.getBinaryValue(context.getBase64Variant());
      if (parser.nextToken() != JsonToken.END_OBJECT) {
        throw MismatchedInputException.from(parser, byte[].class, "Bytes must be a JSON object");
      }
      return bytes;
    }

    @Override
    public Object deserializeWithType(
        JsonParser parser, DeserializationContext context, TypeDeserializer types)
        throws IOException {
      return deserialize(parser, context);
    }
  }
}
