package io.tidemark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Jackson's modules are found by the loaders of the type and the library, not by the thread's. */
class JsonCodecLoadersTest {

  /** A value that needs the module for {@code java.time}. */
  public record Stamp(Instant at) {}

  /** What a program does with the library, wherever it is loaded. */
  public static final class Program {
    private Program() {}

    /** Makes a codec and reads back what it wrote. */
    public static String roundTrip() throws Exception {
      JsonCodec<Stamp> codec = JsonCodec.of(Stamp.class);
      JsonCodec<List<Stamp>> codecOfLists = JsonCodec.of(new TypeReference<>() {});
      Stamp stamp = new Stamp(Instant.EPOCH);
      return codec.decode(codec.encode(stamp)).toString()
          + codecOfLists.decode(codecOfLists.encode(List.of(stamp)));
    }
  }

  @Test
  void of_threadWithoutALoader_findsTheModules() throws Exception {
    CompletableFuture<String> result = new CompletableFuture<>();
    Thread thread = new Thread(() -> Completion.complete(result, Program::roundTrip));
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    thread.start();

    assertThat(result.get()).contains("1970-01-01");
  }

  @Test
  void of_programWithALoaderOfItsOwnOnACommonPoolThread_findsTheModules() throws Exception {
    Class<?> program = new OwnLoader().loadClass(Program.class.getName());
    Method roundTrip = program.getMethod("roundTrip");
    var threads =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task);
              thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
              return thread;
            });
    try {
      assertThat(program.getClassLoader()).isInstanceOf(OwnLoader.class);
      assertThat(threads.submit(() -> roundTrip.invoke(null)).get()).asString().contains("1970");
    } finally {
      threads.shutdownNow();
    }
  }

  /** Has classes of its own, as a module's or a plug-in's: no parent knows of it. */
  private static final class OwnLoader extends ClassLoader {
    OwnLoader() {
      super(ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      try (InputStream in = resource(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }

    private static InputStream resource(String name) throws ClassNotFoundException {
      InputStream in = JsonCodecLoadersTest.class.getClassLoader().getResourceAsStream(name);
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in;
    }

    @Override
    protected URL findResource(String name) {
      return JsonCodecLoadersTest.class.getClassLoader().getResource(name);
    }

    @Override
    protected Enumeration<URL> findResources(String name) throws IOException {
      return name.startsWith("META-INF/services/com.fasterxml")
          ? JsonCodecLoadersTest.class.getClassLoader().getResources(name)
          : Collections.emptyEnumeration();
    }
  }
}
