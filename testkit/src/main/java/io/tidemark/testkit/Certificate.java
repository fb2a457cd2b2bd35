package io.tidemark.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.UUID;

/**
 * A certificate that signs itself, and its key, for servers and clients that speak TLS in a test.
 * To trust it, take the certificate as an authority.
 *
 * @param file the certificate, as PEM
 * @param key its private key, as PEM
 * @param keyStore both, as PKCS12
 * @param trustStore the certificate alone, as PKCS12
 */
public record Certificate(Path file, Path key, Path keyStore, Path trustStore) {
  /** The password of the stores. */
  public static final String PASSWORD = "changeit";

  private static final String ALIAS = "test";

  /**
   * Makes one with the JDK's {@code keytool}.
   *
   * @param name the host that it is for, such as {@code ip:127.0.0.1} or {@code dns:localhost}
   * @param folder gets the files; another certificate takes another folder
   * @throws IOException if {@code keytool} fails
   */
  public static Certificate of(String name, Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    Files.createDirectories(folder);
    Path keyStore = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-dname",
                // Of its own: two authorities of one name are mixed up.
                "CN=" + UUID.randomUUID(),
                "-ext",
                "san=" + name,
                "-keystore",
                keyStore.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String complaint = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool: " + complaint);
    }
    return ofKeys(keyStore, folder);
  }

  private static Certificate ofKeys(Path keyStore, Path folder)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream stored = Files.newInputStream(keyStore)) {
      keys.load(stored, PASSWORD.toCharArray());
    }
    java.security.cert.Certificate certificate = keys.getCertificate(ALIAS);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(ALIAS, certificate);
    Path trustStore = folder.resolve("trusted.p12");
    try (var out = Files.newOutputStream(trustStore)) {
      trusted.store(out, PASSWORD.toCharArray());
    }
    return new Certificate(
        pem(folder.resolve("test.crt"), "CERTIFICATE", certificate.getEncoded()),
        pem(
            folder.resolve("test.key"),
            "PRIVATE KEY",
            keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()),
        keyStore,
        trustStore);
  }

  private static Path pem(Path file, String type, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, text, type));
  }
}
