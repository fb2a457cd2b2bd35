package io.tidemark.spring.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.processes.JavaProgram;
import io.tidemark.processes.ProcessGroup;
import io.tidemark.processes.ProcessGroup.ReadyChild;
import io.tidemark.processes.ThisJvm;
import io.tidemark.spring.SharedServers;
import io.tidemark.spring.Tidemark;
import io.tidemark.spring.application.ShopApplication.Product;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.SocketException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;

/** The application on real servers: two processes, and the end of one under load. */
class ShopIT {
  private static final int HEAP_MEGABYTES = 128;
  private static final int CALLERS = 8;

  /** What an application has only if it asks for it. */
  private static final Pattern OPTIONAL =
      Pattern.compile(
          "/(spring-boot-(actuator|data|health|micrometer|persistence|transaction|webmvc|tomcat|web-server"
              + "|servlet|http|jackson)|spring-(data|tx|oxm|web)|micrometer-(core|observation|commons)|lettuce"
              + "|(tidemark-)?resilience4j|curator|zookeeper|tidemark-zk-lock|zk-lock|tomcat)[^/]*(\\.jar|/target/classes)$");

  private static final ExecutorService CLIENTS = Executors.newCachedThreadPool();

  private static final List<String> SETTINGS =
      patient(
          "--server.port=0",
          "--server.address=127.0.0.1",
          "--spring.main.banner-mode=off",
          "--management.endpoints.web.exposure.include=health,tidemark",
          "--management.endpoint.health.show-details=always",
          "--tidemark.redis.url=redis://127.0.0.1:" + SharedServers.redisPort(),
          "--tidemark.zookeeper.connect-string=127.0.0.1:" + SharedServers.zookeeperPort(),
          "--tidemark.caches.products.ttl=10m");

  private static List<String> patient(String... settings) {
    return Stream.concat(
            Arrays.stream(settings), SharedServers.PATIENCE.stream().map(each -> "--" + each))
        .toList();
  }

  @AfterAll
  static void stopClients() {
    CLIENTS.shutdownNow();
  }

  @Test
  void processes_two_loadOnceReadEachOthersWritesAndLeaveWithoutAFailedRequest() throws Exception {
    ProcessGroup.run(
        group -> {
          ReadyChild first = group.await(start(group, "first"));
          ReadyChild second = group.await(start(group, "second"));
          List<String> shops = List.of(address(first), address(second));

          assertThat(atOnce(16, i -> get(shops.get(i % 2) + "/products/1")))
              .containsOnly("200 loaded");
          assertThat(loads(shops)).isEqualTo(1);

          assertThat(get(shops.get(0) + "/rename/1?name=renamed")).isEqualTo("200 STORED");
          assertThat(get(shops.get(1) + "/products/1")).isEqualTo("200 renamed");

          assertThat(get(shops.get(0) + "/actuator/health/tidemark"))
              .startsWith("200")
              .contains("UP")
              .contains("RedisStore")
              .contains("ZooKeeperLocks");
          assertThat(get(shops.get(0) + "/actuator/tidemark/products/1"))
              .startsWith("200")
              .contains("VALUE version 2")
              .doesNotContain("renamed");

          endUnderLoad(group, second, shops);
          return 0;
        });
  }

  /** A class loader that hides packages does not find a reference that breaks without the jar. */
  @Test
  void start_withoutTheJarsThatAreOptional_reads() throws Exception {
    String classPath =
        Arrays.stream(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"))
                    .split(File.pathSeparator))
            .filter(entry -> !OPTIONAL.matcher(entry).find())
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(classPath).contains("spring-boot-autoconfigure").doesNotContain("micrometer-core");
    ProcessGroup.run(
        group -> {
          ReadyChild bare =
              group.await(
                  group.startJava(
                      "bare",
                      HEAP_MEGABYTES,
                      new JavaProgram(classPath, BareApplication.class.getName()),
                      patient(
                          "--spring.main.banner-mode=off",
                          SETTINGS.get(5),
                          "--tidemark.locks=redis")));
          assertThat(bare.readyLine()).isEqualTo("ready name-7");
          return 0;
        });
  }

  /** Requests go to either, as through a load balancer: what finds no server goes to the other. */
  private static void endUnderLoad(ProcessGroup group, ReadyChild second, List<String> shops)
      throws Exception {
    AtomicLong nextId = new AtomicLong(1_000);
    AtomicInteger answered = new AtomicInteger();
    List<String> failed = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch enough = new CountDownLatch(1);
    List<Future<?>> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(
          CLIENTS.submit(
              () -> {
                while (enough.getCount() > 0) {
                  long id = nextId.getAndIncrement();
                  String answer = balanced(shops, id);
                  if (answer.equals("200 loaded")) {
                    answered.incrementAndGet();
                  } else {
                    failed.add(answer);
                  }
                }
                return null;
              }));
    }
    awaitMoreThan(answered, 2 * CALLERS);
    group.end(second.child());
    awaitMoreThan(answered, answered.get() + 2 * CALLERS);
    enough.countDown();
    for (Future<?> caller : callers) {
      caller.get();
    }
    assertThat(failed).isEmpty();
    assertThat(second.child().isAlive()).isFalse();
  }

  private static String balanced(List<String> shops, long id) throws IOException {
    String path = "/products/" + id;
    try {
      return get(shops.get((int) (id % 2)) + path);
    } catch (SocketException e) {
      return get(shops.get((int) ((id + 1) % 2)) + path);
    }
  }

  private static void awaitMoreThan(AtomicInteger count, int least) throws InterruptedException {
    while (count.get() <= least) {
      Thread.sleep(10);
    }
  }

  /** A request is loading when the application is told to leave: it gets its answer. */
  @Test
  void close_slowLoadUnderWay_answersFirstAndClosesClientsLast() throws Exception {
    List<String> events = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    SlowShop.source =
        id -> {
          loading.countDown();
          release.await();
          return Row.present(new Product(id, "slow"), 1);
        };
    SlowShop.events = events;
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(SlowShop.class, ShopApplication.Shop.class)
            .run(SETTINGS.toArray(String[]::new));
    String shop = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
    Future<String> answer =
        CLIENTS.submit(
            () -> {
              String text = get(shop + "/products/77");
              events.add("answered");
              return text;
            });
    loading.await();

    CompletableFuture<Void> closing = CompletableFuture.runAsync(context::close, CLIENTS);
    while (!events.contains("told to leave") || isAccepting(shop)) {
      Thread.sleep(5);
    }
    release.countDown();

    assertThat(answer.get()).isEqualTo("200 slow");
    closing.join();
    assertThat(events)
        .containsSubsequence(
            "told to leave", "answered", "products", "tidemark", "tidemarkLocks", "tidemarkCurator")
        .containsSubsequence("tidemark", "tidemarkJedis");
  }

  /** As the shop, with a source of the test and a record of what is destroyed. */
  @Configuration(proxyBeanMethods = false)
  @org.springframework.boot.autoconfigure.EnableAutoConfiguration
  static class SlowShop {
    static io.tidemark.Source<Long, Product> source;
    static List<String> events;

    @Bean
    AtomicInteger loads() {
      return new AtomicInteger();
    }

    @Bean
    VersionedCache<Long, Product> products(Tidemark tidemark) {
      return tidemark.cache("products", Long.class, Product.class).source(source).build();
    }

    @Bean
    ApplicationListener<ContextClosedEvent> leaving() {
      return event -> events.add("told to leave");
    }

    @Bean
    static DestructionAwareBeanPostProcessor recorder() {
      return new DestructionAwareBeanPostProcessor() {
        @Override
        public void postProcessBeforeDestruction(Object bean, String name) {
          events.add(name);
        }
      };
    }
  }

  private static CompletableFuture<ReadyChild> start(ProcessGroup group, String name)
      throws IOException, InterruptedException {
    return group.startJava(
        name, HEAP_MEGABYTES, ThisJvm.program(ShopApplication.class.getName()), SETTINGS);
  }

  private static String address(ReadyChild child) {
    return child.readyLine().split(" ", -1)[1];
  }

  private static int loads(List<String> shops) throws IOException {
    int loads = 0;
    for (String shop : shops) {
      loads += Integer.parseInt(get(shop + "/loads").substring("200 ".length()));
    }
    return loads;
  }

  private interface Request {
    String send(int number) throws Exception;
  }

  private static List<String> atOnce(int count, Request request) throws Exception {
    List<Callable<String>> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      tasks.add(() -> request.send(number));
    }
    List<String> answers = new ArrayList<>();
    for (Future<String> answer : CLIENTS.invokeAll(tasks)) {
      answers.add(answer.get());
    }
    return answers;
  }

  private static boolean isAccepting(String shop) {
    try {
      get(shop + "/loads");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The status and the body. Each request has a connection of its own. */
  private static String get(String address) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(address).toURL().openConnection();
    connection.setRequestProperty("Connection", "close");
    int status = connection.getResponseCode();
    try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return status
          + " "
          + (body == null
              ? ""
              : new String(body.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    } finally {
      connection.disconnect();
    }
  }
}
