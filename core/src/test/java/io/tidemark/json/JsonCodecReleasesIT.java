package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.BadValueException;
import io.tidemark.engine.Patience;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of two releases, whose class of one name differs, and what each reads of the other. */
class JsonCodecReleasesIT {
  private static final String OLD = "public record Product(long id, String name) {}";

  @TempDir private Path folder;
  private final List<Release> running = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (Release release : running) {
      release.process.destroyForcibly().waitFor(Patience.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void decode_recordWithAPropertyMore_isAMissForTheNewerAndAHitForTheOlder() throws Exception {
    Release older = start(OLD, "new Product(1, \"n\")");
    Release newer =
        start(
            "public record Product(long id, String name, String currency, int stock) {}",
            "new Product(1, \"n\", \"EUR\", 7)");

    assertThat(newer.decode(older.encode()))
        .isEqualTo("refused: Product.currency: Missing creator property");
    assertThat(older.decode(newer.encode())).isEqualTo("Product[id=1, name=n]");
  }

  @Test
  void decode_fieldsWithOneMore_isAMissForTheNewerAndAHitForTheOlder() throws Exception {
    String end = " public String toString() { return id + name; } }";
    Release older =
        start(
            "public class Product { public long id = 1; public String name = \"n\";" + end,
            "new Product()");
    Release newer =
        start(
            "public class Product { public long id = 1; public String name = \"n\";"
                + " public String currency = \"EUR\";"
                + end,
            "new Product()");

    assertThat(newer.decode(older.encode()))
        .isEqualTo("refused: Product.currency: Missing property");
    assertThat(newer.decode(newer.encode())).isEqualTo("1n");
    assertThat(older.decode(newer.encode())).isEqualTo("1n");
  }

  @Test
  @Tag("thorough")
  void decode_settersWithOneMore_isAMissForTheNewer() throws Exception {
    String id =
        "private long id = 1; public long getId() { return id; }"
            + " public void setId(long id) { this.id = id; }";
    Release older = start("public class Product { " + id + "}", "new Product()");
    Release newer =
        start(
            "public class Product { "
                + id
                + " private String currency; public String getCurrency() { return currency; }"
                + " public void setCurrency(String currency) { this.currency = currency; } }",
            "new Product()");

    assertThat(newer.decode(older.encode()))
        .isEqualTo("refused: Product.currency: Missing property");
    assertThat(older.decode(newer.encode())).doesNotContain("refused");
  }

  @Test
  void decode_getterIsAdded_isAMissForTheNewer() throws Exception {
    String price =
        "private String price;"
            + " public void setPrice(String price) { this.price = price; }"
            + " public String toString() { return price; }";
    Release older =
        start("public class Product { public long id = 1; " + price + "}", "new Product()");
    Release newer =
        start(
            "public class Product { public long id = 1; "
                + price
                + " public String getPrice() { return price; } }",
            "new Product()");

    assertThat(newer.decode(older.encode())).isEqualTo("refused: Product.price: Missing property");
    assertThat(newer.decode(newer.encode())).isEqualTo("null");
  }

  @Test
  @Tag("thorough")
  void decode_unwrappedOtherwise_isAMissForTheNewer() throws Exception {
    String product =
        "public class Product { public static class Size { public String unit = \"cm\"; }"
            + " %s public Size size = new Size();"
            + " public String toString() { return size.unit; } }";
    Release nested = start(product.formatted(""), "new Product()");
    Release unwrapped =
        start(
            product.formatted("@com.fasterxml.jackson.annotation.JsonUnwrapped"), "new Product()");
    Release prefixed =
        start(
            product.formatted("@com.fasterxml.jackson.annotation.JsonUnwrapped(prefix = \"size\")"),
            "new Product()");

    assertThat(unwrapped.decode(nested.encode())).startsWith("refused: ");
    assertThat(prefixed.decode(unwrapped.encode())).startsWith("refused: ");
    assertThat(nested.decode(prefixed.encode())).startsWith("refused: ");
    assertThat(prefixed.decode(prefixed.encode())).isEqualTo("cm");
  }

  @Test
  @Tag("thorough")
  void decode_classThatOnlyTheEntryNames_isComparedToo() throws Exception {
    String thing =
        "@com.fasterxml.jackson.annotation.JsonTypeInfo("
            + "use = com.fasterxml.jackson.annotation.JsonTypeInfo.Id.CLASS)"
            + " public interface Product { class A implements Product { %s"
            + " @com.fasterxml.jackson.annotation.JsonUnwrapped public Size size = new Size();"
            + " public String toString() { return \"\" + a; } }"
            + " class Size { public int width = 1; %s } }";
    Release older = start(thing.formatted("public String a = \"\";", ""), "new Product.A()");
    Release ofAnotherType =
        start(thing.formatted("public java.util.UUID a;", ""), "new Product.A()");
    Release withMore =
        start(thing.formatted("public String a = \"\";", "public String unit;"), "new Product.A()");

    assertThat(ofAnotherType.decode(older.encode()))
        .isEqualTo("refused: Product.a: Read as a different value than was written");
    assertThat(withMore.decode(older.encode()))
        .isEqualTo("refused: Product.unit: Missing property");
    assertThat(withMore.decode(withMore.encode())).doesNotContain("refused");
  }

  @Test
  @Tag("thorough")
  void decode_writtenByAnotherConverter_isAMissForTheNewer() throws Exception {
    String product =
        "@com.fasterxml.jackson.databind.annotation.JsonSerialize(converter = Product.Out.class)"
            + " public class Product { public int a = 1; public String b;"
            + " public static class Json { public int a; %s }"
            + " public static class Out"
            + " extends com.fasterxml.jackson.databind.util.StdConverter<Product, Json> {"
            + " public Json convert(Product from) { return new Json(); } }"
            + " public String toString() { return b; } }";
    Release older = start(product.formatted(""), "new Product()");
    Release newer = start(product.formatted("public String b;"), "new Product()");

    assertThat(newer.decode(older.encode())).isEqualTo("refused: Product.b: Missing property");
    assertThat(newer.decode(newer.encode())).isEqualTo("null");
  }

  @Test
  @Tag("thorough")
  void decode_positionsOfAnArrayAreOthers_isAMissForTheNewer() throws Exception {
    String product =
        "@com.fasterxml.jackson.annotation.JsonFormat("
            + "shape = com.fasterxml.jackson.annotation.JsonFormat.Shape.ARRAY)"
            + " %s public class Product { public int a = 1; public int b = 2;"
            + " public String toString() { return a + \",\" + b; } }";
    Release older = start(product.formatted(""), "new Product()");
    Release newer =
        start(
            product.formatted(
                "@com.fasterxml.jackson.annotation.JsonPropertyOrder({\"b\", \"a\"})"),
            "new Product()");

    assertThat(newer.decode(older.encode())).startsWith("refused: ");
    assertThat(newer.decode(newer.encode())).isEqualTo("1,2");
  }

  @Test
  @Tag("thorough")
  void decode_renamedProperty_isReadByItsAliasAndRefusedWithout() throws Exception {
    Release older = start(OLD, "new Product(1, \"n\")");
    Release renamed =
        start("public record Product(long id, String title) {}", "new Product(1, \"n\")");
    Release withAlias =
        start(
            "public record Product(long id,"
                + " @com.fasterxml.jackson.annotation.JsonAlias(\"name\") String title) {}",
            "new Product(1, \"n\")");

    assertThat(renamed.decode(older.encode()))
        .isEqualTo("refused: Product.title: Missing creator property");
    assertThat(withAlias.decode(older.encode())).isEqualTo("Product[id=1, title=n]");
    assertThat(older.decode(withAlias.encode()))
        .isEqualTo("refused: Product.name: Missing creator property");
  }

  @Test
  @Tag("thorough")
  void decode_removedProperty_isAMissForTheOlder() throws Exception {
    Release older = start(OLD, "new Product(1, \"n\")");
    Release newer = start("public record Product(long id) {}", "new Product(1)");

    assertThat(newer.decode(older.encode())).isEqualTo("Product[id=1]");
    assertThat(older.decode(newer.encode()))
        .isEqualTo("refused: Product.name: Missing creator property");
  }

  @Test
  @Tag("thorough")
  void decode_anotherTypeOfAField_isAMissForTheNewer() throws Exception {
    Release older =
        start("public class Product { public long at = 1700000000000L; }", "new Product()");
    Release newer = start("public class Product { public java.util.Date at; }", "new Product()");

    assertThat(newer.decode(older.encode()))
        .isEqualTo("refused: Product.at: Read as a different value than was written");
    assertThat(newer.decode(newer.encode())).doesNotContain("refused");
  }

  @Test
  @Tag("thorough")
  void decode_anotherTypeOfASubclassesProperty_isAMissForTheNewer() throws Exception {
    String shape =
        "@com.fasterxml.jackson.annotation.JsonTypeInfo("
            + "use = com.fasterxml.jackson.annotation.JsonTypeInfo.Id.NAME)"
            + " @com.fasterxml.jackson.annotation.JsonSubTypes("
            + "@com.fasterxml.jackson.annotation.JsonSubTypes.Type(Product.A.class))"
            + " public interface Product { record A(%s at) implements Product {} }";
    Release older = start(shape.formatted("long"), "new Product.A(1700000000000L)");
    Release newer = start(shape.formatted("java.util.Date"), "new Product.A(null)");

    assertThat(newer.decode(older.encode()))
        .isEqualTo("refused: Product.at: Read as a different value than was written");
    assertThat(newer.decode(newer.encode())).doesNotContain("refused");
  }

  @Test
  void encode_equalSetsAndMapsOfTwoProcesses_giveEqualBytes() throws Exception {
    String release =
        """
        import java.util.*;

        public record Product(
            Set<String> tags,
            Map<String, Integer> sizes,
            List<Iterable<String>> lists,
            Collection<String> names,
            Object any,
            Map<Size, Set<String>> bySize) {
          public enum Size { S { }, M, L { }, XL }

          @com.fasterxml.jackson.annotation.JsonAnyGetter
          public Map<String, Integer> others() {
            return sizes;
          }
        }
        """;
    String set = "java.util.Set.of('a', 'b', 'c', 'd', 'e', 'f')";
    String value =
        """
        new Product(
            java.util.Collections.unmodifiableSet(%1$s),
            java.util.Map.of('s', 1, 'm', 2, 'l', 3, 'xl', 4),
            java.util.List.of(%1$s),
            java.util.Map.of('s', 1, 'm', 2, 'l', 3, 'xl', 4).keySet(),
            %1$s,
            java.util.Map.of(
                Product.Size.S, %1$s, Product.Size.M, %1$s, Product.Size.L, %1$s, Product.Size.XL, %1$s))
        """
            .formatted(set)
            .replace('\'', '"');
    Set<String> encoded = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      encoded.add(start(release, value).encode());
    }

    assertThat(encoded).hasSize(1).doesNotContainNull();
  }

  @Test
  void decode_dateOfADatabase_isThatDayInEveryZone() throws Exception {
    String product = "public record Product(java.sql.Date day, java.util.Date at) {}";
    String value =
        "new Product(java.sql.Date.valueOf(\"2026-07-01\"), java.sql.Date.valueOf(\"2026-07-01\"))";
    Release inNewYork = start(product, value, "-Duser.timezone=America/New_York");
    Release inTokyo = start(product, value, "-Duser.timezone=Asia/Tokyo");

    assertThat(inNewYork.decode(inNewYork.encode()))
        .isEqualTo("Product[day=2026-07-01, at=Wed Jul 01 00:00:00 EDT 2026]");
    assertThat(inTokyo.decode(inNewYork.encode()))
        .isEqualTo("Product[day=2026-07-01, at=Wed Jul 01 13:00:00 JST 2026]");
  }

  private Release start(String product, String value, String... options) throws Exception {
    Path sources = Files.createDirectories(folder.resolve("release" + running.size()));
    Files.writeString(sources.resolve("Product.java"), product);
    Files.writeString(
        sources.resolve("Values.java"),
        "public class Values { public static Object value() { return " + value + "; } }");
    // Maven runs this one in modules; the processes are programs without any.
    String classPath =
        System.getProperty("java.class.path")
            + File.pathSeparator
            + System.getProperty("jdk.module.path", "");
    int failed =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-cp",
                classPath,
                "-d",
                sources.toString(),
                sources.resolve("Product.java").toString(),
                sources.resolve("Values.java").toString());
    assertThat(failed).isZero();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", sources + File.pathSeparator + classPath));
    command.add(Program.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Release release = new Release(process);
    running.add(release);
    return release;
  }

  /** A process of one release. */
  private static final class Release {
    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    Release(Process process) {
      this.process = process;
      this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
      this.answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    String encode() throws IOException {
      return ask("encode");
    }

    String decode(String hex) throws IOException {
      return ask(hex);
    }

    private String ask(String command) throws IOException {
      commands.println(command);
      return answers.readLine();
    }
  }

  /** What such a process runs: it encodes its value, and decodes what it is told, line by line. */
  static final class Program {
    private Program() {}

    /** Ends when it is told no more. */
    @SuppressWarnings("unchecked") // Whatever class it finds is the value's.
    public static void main(String[] arguments) throws Exception {
      JsonCodec<Object> codec = (JsonCodec<Object>) JsonCodec.of(Class.forName("Product"));
      Object value = Class.forName("Values").getMethod("value").invoke(null);
      BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = commands.readLine()) != null; ) {
        System.out.println(line.equals("encode") ? encode(codec, value) : decode(codec, line));
      }
    }

    private static String encode(JsonCodec<Object> codec, Object value) throws Exception {
      return HexFormat.of().formatHex(codec.encode(value));
    }

    private static String decode(JsonCodec<Object> codec, String hex) {
      try {
        return codec.decode(HexFormat.of().parseHex(hex)).toString();
      } catch (BadValueException e) {
        return "refused: " + e.getMessage();
      }
    }
  }
}
