package io.tidemark.json;

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
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/**
 * Jackson's modules are found by the loaders of the type and the library, not by the thread's;
 * those that the library brings need not be found.
 */
class JsonCodecLoadersTest {

  /** A value that needs the modules for {@code java.time} and {@code Optional}. */
  public record Stamp(Instant at, Optional<String> note) {}

  /** What a program does with the library, wherever it is loaded. */
  public static final class Program {
    private Program() {}

    /** Makes a codec and reads back what it wrote. */
    public static String roundTrip() throws Exception {
      JsonCodec<Stamp> codec = JsonCodec.of(Stamp.class);
      JsonCodec<List<Stamp>> codecOfLists = JsonCodec.of(new TypeReference<>() {});
      Stamp stamp = new Stamp(Instant.EPOCH, Optional.of("note"));
      return codec.decode(codec.encode(stamp)).toString()
          + codecOfLists.decode(codecOfLists.encode(List.of(stamp)));
    }
  }

  @Test
  void of_threadWithoutALoader_findsTheModules() throws Exception {
    FutureTask<String> result = new FutureTask<>(Program::roundTrip);
    Thread thread = new Thread(result);
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    thread.start();

    assertThat(result.get()).contains("1970-01-01");
  }

  @Test
  void of_programWithALoaderOfItsOwnOnACommonPoolThread_findsTheModules() throws Exception {
    Class<?> program = new OwnLoader(true).loadClass(Program.class.getName());
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

  @Test
  void of_programInOneJarThatLostTheNamesOfTheModules_knowsThoseOfTheLibrary() throws Exception {
    Class<?> program = new OwnLoader(false).loadClass(Program.class.getName());

    assertThat(program.getMethod("roundTrip").invoke(null)).asString().contains("1970");
  }

  /** Has classes of its own, as a module's or a plug-in's: no parent knows of it. */
  private static final class OwnLoader extends ClassLoader {
    private final boolean seesServices;

    OwnLoader(boolean seesServices) {
      super(ClassLoader.getPlatformClassLoader());
      this.seesServices = seesServices;
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
      return seesServices && name.startsWith("META-INF/services/com.fasterxml")
          ? JsonCodecLoadersTest.class.getClassLoader().getResources(name)
          : Collections.emptyEnumeration();
    }
  }
}
