package io.tidemark.spring.failure;

import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/** Prints properties below {@code tidemark} that do not exist. Comes before Spring Boot's own. */
@Order(0)
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {
  private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("tidemark");

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
    if (!cause.getName().equals(OURS)
        || !(cause.getCause() instanceof UnboundConfigurationPropertiesException unbound)) {
      return null;
    }
    String properties =
        unbound.getUnboundProperties().stream()
            .sorted()
            .map(UnknownPropertyFailureAnalyzer::described)
            .collect(Collectors.joining());
    return new FailureAnalysis(
        "There are no such properties of Tidemark:\n" + properties,
        "Correct the names: docs/spring.md lists all properties. Those of a cache have the names of"
            + " CacheBuilder's options, such as tidemark.caches.products.ttl.",
        cause);
  }

  private static String described(ConfigurationProperty property) {
    return "\n    %s = %s%s"
        .formatted(
            property.getName(),
            property.getValue(),
            property.getOrigin() == null ? "" : " (from " + property.getOrigin() + ')');
  }
}
