package io.tidemark.spring.application;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.processes.ChildProgram;
import io.tidemark.processes.ParentWatch;
import io.tidemark.spring.Tidemark;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A shop with one cache, run by its tests in one or more processes. Ends with its parent. */
@SpringBootConfiguration
@EnableAutoConfiguration
public class ShopApplication {
  private static final int LOAD_MILLIS = 50;

  public static void main(String[] args) {
    ChildProgram.run(
        () -> {
          var context = SpringApplication.run(ShopApplication.class, args);
          System.out.println(
              "ready http://127.0.0.1:%s pid %d"
                  .formatted(
                      context.getEnvironment().getProperty("local.server.port"),
                      ProcessHandle.current().pid()));
          ParentWatch.endOfInput().await();
        });
  }

  @Bean
  AtomicInteger loads() {
    return new AtomicInteger();
  }

  @Bean
  VersionedCache<Long, Product> products(Tidemark tidemark, AtomicInteger loads) {
    return tidemark
        .cache("products", Long.class, Product.class)
        .source(
            id -> {
              loads.incrementAndGet();
              Thread.sleep(LOAD_MILLIS);
              return Row.present(new Product(id, "loaded"), 1);
            })
        .build();
  }

  /** What the tests ask for. */
  @RestController
  static class Shop {
    private final VersionedCache<Long, Product> products;
    private final AtomicInteger loads;

    Shop(VersionedCache<Long, Product> products, AtomicInteger loads) {
      this.products = products;
      this.loads = loads;
    }

    @GetMapping("/products/{id}")
    String product(@PathVariable("id") long id) {
      return products.get(id).orElseThrow().name();
    }

    @GetMapping("/rename/{id}")
    String rename(@PathVariable("id") long id, @RequestParam("name") String name) {
      return products.update(id, () -> Row.present(new Product(id, name), 2)).outcome().name();
    }

    @GetMapping("/loads")
    int loads() {
      return loads.get();
    }
  }

  /** A row. */
  public record Product(long id, String name) {}
}
