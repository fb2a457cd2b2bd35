package io.tidemark.demo.node;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.demo.http.RefusedRequestException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a client may change of a product. Immutable.
 *
 * @param name 1 to {@value #MAX_NAME_CHARS} characters
 * @param price 0 to 9999999999.99
 * @param stock 0 or more
 */
record ProductFields(String name, BigDecimal price, int stock) {
  private static final int MAX_NAME_CHARS = 200;
  private static final BigDecimal MAX_PRICE = new BigDecimal("9999999999.99");
  private static final int PRICE_DECIMALS = 2;
  private static final Set<String> NAMES = Set.of("name", "price", "stock");

  /**
   * Reads the body of a request.
   *
   * @throws RefusedRequestException 400 with the field and the rule
   */
  static ProductFields parse(byte[] body) {
    JsonNode json = parseObject(body);
    TreeSet<String> unknown = new TreeSet<>();
    json.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(NAMES);
    check(unknown.isEmpty(), "body", "has the fields " + unknown, "name, price and stock only");
    return new ProductFields(
        name(json.path("name")), price(json.path("price")), stock(json.path("stock")));
  }

  private static JsonNode parseObject(byte[] body) {
    JsonNode json;
    try {
      json = Json.MAPPER.readTree(body);
    } catch (IOException | NumberFormatException e) {
      throw new RefusedRequestException(
          400, "body is not JSON; it must be an object of name, price and stock");
    }
    check(json.isObject(), "body", "is not an object", "an object of name, price and stock");
    return json;
  }

  private static String name(JsonNode json) {
    String rule =
        "a text of 1 to " + MAX_NAME_CHARS + " characters, not blank, without control characters";
    check(json.isTextual(), "name", "is " + shown(json), rule);
    String name = json.textValue();
    boolean ok =
        !name.isBlank()
            && name.length() <= MAX_NAME_CHARS
            && name.chars().noneMatch(Character::isISOControl)
            && StandardCharsets.UTF_8.newEncoder().canEncode(name);
    check(ok, "name", "is " + shown(json), rule);
    return name;
  }

  private static BigDecimal price(JsonNode json) {
    String rule = "a number, 0 to " + MAX_PRICE + ", with at most " + PRICE_DECIMALS + " decimals";
    check(json.isNumber(), "price", "is " + shown(json), rule);
    BigDecimal price = json.decimalValue();
    boolean ok =
        price.signum() >= 0
            && price.compareTo(MAX_PRICE) <= 0
            && price.stripTrailingZeros().scale() <= PRICE_DECIMALS;
    check(ok, "price", "is " + shown(json), rule);
    return price;
  }

  private static int stock(JsonNode json) {
    boolean ok = json.isIntegralNumber() && json.canConvertToInt() && json.intValue() >= 0;
    check(ok, "stock", "is " + shown(json), "a whole number, 0 to " + Integer.MAX_VALUE);
    return json.intValue();
  }

  /** As in the request, but short. */
  private static String shown(JsonNode json) {
    return json.isMissingNode() ? "missing" : "%.60s".formatted(json);
  }

  private static void check(boolean ok, String field, String found, String rule) {
    if (!ok) {
      throw new RefusedRequestException(400, field + " " + found + "; it must be " + rule);
    }
  }
}
