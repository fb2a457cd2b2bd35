package io.tidemark.spring.application;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.ParentWatch;
import io.tidemark.spring.Tidemark;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** An application with nothing but the starter, which reads one value and says so. */
@SpringBootConfiguration
@EnableAutoConfiguration
public class BareApplication {
  public static void main(String[] args) {
    ChildProgram.run(
        () -> {
          var context = SpringApplication.run(BareApplication.class, args);
          @SuppressWarnings("unchecked")
          VersionedCache<Long, String> names = context.getBean(VersionedCache.class);
          System.out.println("ready " + names.get(7L).orElseThrow());
          ParentWatch.endOfInput().await();
        });
  }

  @Bean
  VersionedCache<Long, String> names(Tidemark tidemark) {
    return tidemark
        .cache("names", Long.class, String.class)
        .source(id -> Row.present("name-" + id, 1))
        .build();
  }
}
