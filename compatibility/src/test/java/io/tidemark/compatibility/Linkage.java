package io.tidemark.compatibility;

import io.tidemark.compatibility.References.Reference;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds what would fail with a {@link LinkageError} when it is first used: each class, method and
 * field that the classes of a jar refer to, and each abstract method that they do not implement.
 */
final class Linkage {
  private static final String CLASS_FILE = ".class";

  private final ClassLoader loader;
  private final Set<String> missing = new TreeSet<>();

  private Linkage(ClassLoader loader) {
    this.loader = loader;
  }

  /**
   * Looks for what classes refer to.
   *
   * @param classes a jar or a folder
   * @param loader finds them and what they need
   * @return what it does not find, each with the class that needs it
   */
  static Set<String> missing(Path classes, ClassLoader loader) throws IOException {
    Linkage linkage = new Linkage(loader);
    if (Files.isDirectory(classes)) {
      linkage.checkAll(classes);
    } else {
      try (FileSystem jar =
          FileSystems.newFileSystem(URI.create("jar:" + classes.toUri()), Map.of())) {
        linkage.checkAll(jar.getPath("/"));
      }
    }
    return linkage.missing;
  }

  private void checkAll(Path root) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files = all.filter(file -> file.toString().endsWith(CLASS_FILE)).toList();
    }
    for (Path file : files) {
      String path = root.relativize(file).toString();
      String name = path.substring(0, path.length() - CLASS_FILE.length()).replace('/', '.');
      if (!name.equals("module-info")) {
        check(name, Files.readAllBytes(file));
      }
    }
  }

  private void check(String name, byte[] file) throws IOException {
    for (Reference reference : References.of(file)) {
      if (!isThere(reference)) {
        missing.add(name + " needs " + reference);
      }
    }
    checkImplemented(name);
  }

  private boolean isThere(Reference reference) {
    try {
      Class<?> owner = loaded(reference.owner());
      return reference.isClass() || owner.isArray() || hasMember(owner, reference);
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private Class<?> loaded(String name) throws ClassNotFoundException {
    return Class.forName(name.replace('/', '.'), false, loader);
  }

  private static boolean hasMember(Class<?> owner, Reference reference) {
    if (owner.getPackageName().equals("java.lang.invoke")) {
      return true; // Its methods take what they are given.
    }
    return declares(owner, reference)
        || Stream.concat(
                Stream.ofNullable(owner.isInterface() ? Object.class : owner.getSuperclass()),
                Arrays.stream(owner.getInterfaces()))
            .anyMatch(above -> hasMember(above, reference));
  }

  private static boolean declares(Class<?> owner, Reference reference) {
    if (!reference.isMethod()) {
      return Arrays.stream(owner.getDeclaredFields())
          .anyMatch(
              field ->
                  field.getName().equals(reference.name())
                      && field.getType().descriptorString().equals(reference.descriptor()));
    }
    return reference.name().equals("<init>")
        ? Arrays.stream(owner.getDeclaredConstructors())
            .anyMatch(made -> descriptor(made).equals(reference.descriptor()))
        : Arrays.stream(owner.getDeclaredMethods())
            .anyMatch(
                method ->
                    method.getName().equals(reference.name())
                        && descriptor(method).equals(reference.descriptor()));
  }

  private static String descriptor(Method method) {
    return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
        .toMethodDescriptorString();
  }

  private static String descriptor(Constructor<?> constructor) {
    return MethodType.methodType(void.class, constructor.getParameterTypes())
        .toMethodDescriptorString();
  }

  private void checkImplemented(String name) {
    try {
      Class<?> type = loaded(name);
      if (!Modifier.isAbstract(type.getModifiers())) {
        Arrays.stream(type.getMethods())
            .filter(method -> Modifier.isAbstract(method.getModifiers()))
            .forEach(method -> missing.add(name + " does not implement " + method));
      }
    } catch (ClassNotFoundException | LinkageError e) {
      missing.add(name + " cannot be loaded: " + e);
    }
  }
}
