package io.tidemark.spring.actuate;

import io.tidemark.spring.Tidemark;
import io.tidemark.spring.TidemarkAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The endpoint {@code tidemark}, where the application exposes it. */
@AutoConfiguration(after = TidemarkAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(Tidemark.class)
public class TidemarkEndpointAutoConfiguration {

  @Bean
  @ConditionalOnAvailableEndpoint
  @ConditionalOnMissingBean
  TidemarkEndpoint tidemarkEndpoint(Tidemark tidemark) {
    return new TidemarkEndpoint(tidemark);
  }

  @Bean
  @ConditionalOnBean(TidemarkEndpoint.class)
  @ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
  @ConditionalOnMissingBean
  TidemarkWebEndpoint tidemarkWebEndpoint(Tidemark tidemark, TidemarkEndpoint endpoint) {
    return new TidemarkWebEndpoint(tidemark, endpoint);
  }
}
