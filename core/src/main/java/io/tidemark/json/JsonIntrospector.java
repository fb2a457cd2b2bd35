package io.tidemark.json;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.Serial;
import java.time.Instant;
import java.util.Calendar;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * Has every property written: one that is left out looks like one that an older release lacks. Has
 * those of an any-getter sorted. Ignores how numbers, booleans, enums and times are shown to
 * others, such as a number as text for browsers, which would not be read back.
 */
final class JsonIntrospector extends JacksonAnnotationIntrospector {
  @Serial private static final long serialVersionUID = 1L;

  @Override
  public JsonInclude.Value findPropertyInclusion(Annotated annotated) {
    return JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS);
  }

  @Override
  public @Nullable Object findSerializer(Annotated annotated) {
    Object own = super.findSerializer(annotated);
    if (own == null && Boolean.TRUE.equals(hasAnyGetter(annotated))) {
      return new JsonOrder.AnyProperties();
    }
    return own == ToStringSerializer.class && isPlain(annotated) ? null : own;
  }

  @Override
  public @Nullable Object findContentSerializer(Annotated annotated) {
    Object own = super.findContentSerializer(annotated);
    return own == ToStringSerializer.class && isPlain(annotated) ? null : own;
  }

  @Override
  public JsonFormat.@Nullable Value findFormat(Annotated annotated) {
    return isPlain(annotated) ? null : super.findFormat(annotated);
  }

  /** Whether these are numbers, booleans, enums or times, which are read in their usual form. */
  private static boolean isPlain(Annotated annotated) {
    JavaType type = JsonMappers.innermost(annotated.getType());
    return type != null
        && (type.isEnumType()
            || type.hasRawClass(Boolean.class)
            || type.isTypeOrSubTypeOf(Number.class)
            || type.isTypeOrSubTypeOf(Date.class)
            || type.isTypeOrSubTypeOf(Calendar.class)
            || type.getRawClass().getPackage() == Instant.class.getPackage()
            || (type.isPrimitive() && !type.hasRawClass(char.class)));
  }
}
