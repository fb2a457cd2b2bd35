package io.tidemark.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class TidemarkAutoConfigurationTest {
  @Test
  void start_withTheStarterOnTheClassPath_configuresTidemark() {
    new ApplicationContextRunner()
        .withUserConfiguration(Application.class)
        .run(
            context ->
                assertThat(context).hasNotFailed().hasSingleBean(TidemarkAutoConfiguration.class));
  }

  @EnableAutoConfiguration
  static class Application {}
}
