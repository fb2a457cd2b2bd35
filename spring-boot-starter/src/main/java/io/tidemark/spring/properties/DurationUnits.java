package io.tidemark.spring.properties;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/**
 * Refuses durations below {@code tidemark} that have no unit, except for 0. Spring Boot takes a
 * bare number for milliseconds, and a time to live of 10 is hardly ever meant so. Properties of
 * others are bound as ever. Immutable.
 */
public final class DurationUnits implements ConfigurationPropertiesBindHandlerAdvisor {
  private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("tidemark");
  private static final Pattern WITHOUT_UNIT = Pattern.compile("[+-]?0*[1-9][0-9]*");

  private final Environment environment;

  /**
   * Checks the properties of an application.
   *
   * @param environment resolves the placeholders in them
   */
  public DurationUnits(Environment environment) {
    this.environment = environment;
  }

  @Override
  public BindHandler apply(BindHandler handler) {
    return new AbstractBindHandler(handler) {
      @Override
      public @Nullable Object onSuccess(
          ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
        ConfigurationProperty property = context.getConfigurationProperty();
        if (result instanceof Duration && property != null && OURS.isAncestorOf(name)) {
          checkUnit(environment.resolvePlaceholders(String.valueOf(property.getValue())));
        }
        return super.onSuccess(name, target, context, result);
      }
    };
  }

  /**
   * Checks the text of a duration.
   *
   * @throws IllegalArgumentException if it is a number other than 0, without a unit
   */
  static void checkUnit(String text) {
    if (WITHOUT_UNIT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "the duration " + text + " has no unit; give one, such as 10s or 5m");
    }
  }
}
