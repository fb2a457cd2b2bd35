package io.tidemark.proof.published;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** The modules of the build as their POMs describe them. */
final class PublishedModules {
  static final Path ROOT = Path.of("..");
  static final String BOM = "bom";

  private PublishedModules() {}

  /** The folders of all modules. */
  static List<String> all() {
    return texts(child(pom("."), "modules"), "module");
  }

  /** The folders of the modules whose jars are published. */
  static List<String> jars() {
    return all().stream()
        .filter(
            module -> !module.equals(BOM) && "false".equals(property(module, "maven.deploy.skip")))
        .toList();
  }

  static String artifact(String module) {
    return text(pom(module), "artifactId");
  }

  /** What the module's own POM sets, or null. */
  static String property(String module, String name) {
    Element properties = child(pom(module), "properties");
    return properties == null ? null : text(properties, name);
  }

  /** The root element of a module's POM. */
  static Element pom(String module) {
    try {
      Document document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(ROOT.resolve(module).resolve("pom.xml").toFile());
      return document.getDocumentElement();
    } catch (ParserConfigurationException | SAXException e) {
      throw new IllegalStateException("the POM of " + module, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The elements of this name directly below another. */
  static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }

  /** The first element of this name directly below another, or null. */
  static Element child(Element parent, String name) {
    List<Element> found = children(parent, name);
    return found.isEmpty() ? null : found.get(0);
  }

  /** The text of the first element of this name directly below another, or null. */
  static String text(Element parent, String name) {
    Element found = child(parent, name);
    return found == null ? null : found.getTextContent().trim();
  }

  private static List<String> texts(Element parent, String name) {
    return children(parent, name).stream().map(each -> each.getTextContent().trim()).toList();
  }
}
