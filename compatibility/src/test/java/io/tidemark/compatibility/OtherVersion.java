package io.tidemark.compatibility;

import io.tidemark.json.JsonCodec;
import io.tidemark.redis.RedisStore;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loads a library from another jar, and the classes of Tidemark that use it once more; the rest as
 * usual.
 */
final class OtherVersion extends URLClassLoader {
  private final List<String> itsOwn;

  private OtherVersion(Class<?> user, String library, String... jars) throws MalformedURLException {
    super(urls(user, jars));
    this.itsOwn = List.of(library, user.getPackageName() + ".");
  }

  /**
   * Another Jedis, with the Redis module.
   *
   * @param jar one of those that tests compare with
   */
  static OtherVersion ofJedis(String jar) throws MalformedURLException {
    return new OtherVersion(RedisStore.class, "redis.clients.jedis.", jar);
  }

  /** A Jackson that is too old, with the codec. */
  static OtherVersion ofJackson() throws MalformedURLException {
    return new OtherVersion(
        JsonCodec.class,
        "com.fasterxml.jackson.",
        "jackson-core-too-old",
        "jackson-databind-too-old");
  }

  private static URL[] urls(Class<?> user, String... jars) throws MalformedURLException {
    URL[] urls = new URL[jars.length + 1];
    urls[0] = user.getProtectionDomain().getCodeSource().getLocation();
    for (int i = 0; i < jars.length; i++) {
      urls[i + 1] = Path.of("target", "compared", jars[i] + ".jar").toUri().toURL();
    }
    return urls;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (itsOwn.stream().noneMatch(name::startsWith)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  @Override
  public @Nullable URL getResource(String name) {
    URL own = findResource(name);
    return own == null ? super.getResource(name) : own;
  }
}
