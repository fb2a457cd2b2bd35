package io.tidemark.demo.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemark.demo.http.RefusedRequestException;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductFieldsTest {

  @Test
  void parse_everyField_isReadExactly() {
    assertThat(parse("{\"stock\":2147483647,\"name\":\"Öl €\",\"price\":9999999999.99}"))
        .isEqualTo(new ProductFields("Öl €", new BigDecimal("9999999999.99"), Integer.MAX_VALUE));
  }

  @Test
  void parse_bounds_areTaken() {
    assertThat(parse("{\"stock\":0,\"name\":\"" + "x".repeat(200) + "\",\"price\":0}").stock())
        .isZero();
    assertThat(parse("{\"stock\":0,\"name\":\"x\",\"price\":1.500}").price())
        .isEqualByComparingTo("1.5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                                      | body
          {                                                       | body is not JSON
          []                                                      | body is not an object
          {} {}                                                   | body is not JSON
          {"name":"x","name":"y","price":1,"stock":1}             | body is not JSON
          {"name":"x","price":1,"stock":1,"id":5,"a":1}           | body has the fields [a, id]; it must be name, price and stock only
          {"price":1,"stock":1}                                   | name is missing; it must be
          {"name":null,"price":1,"stock":1}                       | name is null; it must be
          {"name":5,"price":1,"stock":1}                          | name is 5; it must be
          {"name":"  ","price":1,"stock":1}                       | name is "  "; it must be
          {"name":"a\\u0000","price":1,"stock":1}                 | name is "a\\u0000"; it must be
          {"name":"\\ud800","price":1,"stock":1}                  | name is
          {"name":"x","stock":1}                                  | price is missing; it must be
          {"name":"x","price":"1","stock":1}                      | price is "1"; it must be
          {"name":"x","price":-0.01,"stock":1}                    | price is -0.01; it must be
          {"name":"x","price":1.001,"stock":1}                    | price is 1.001; it must be
          {"name":"x","price":10000000000,"stock":1}              | price is 10000000000; it must be
          {"name":"x","price":1e999999999,"stock":1}              | price is
          {"name":"x","price":1e99999999999,"stock":1}            | body is not JSON
          {"name":"x","price":NaN,"stock":1}                      | body is not JSON
          {"name":"x","price":1}                                  | stock is missing; it must be
          {"name":"x","price":1,"stock":1.5}                      | stock is 1.5; it must be
          {"name":"x","price":1,"stock":-1}                       | stock is -1; it must be
          {"name":"x","price":1,"stock":2147483648}               | stock is 2147483648; it must be
          {"name":"x","price":1,"stock":true}                     | stock is true; it must be
          """)
  void parse_badBody_isRefusedWithFieldAndRule(String body, String message) {
    assertThatExceptionOfType(RefusedRequestException.class)
        .isThrownBy(() -> parse(body))
        .withMessageStartingWith(message);
  }

  @Test
  void parse_nameTooLong_isRefusedAndShownShort() {
    assertThatExceptionOfType(RefusedRequestException.class)
        .isThrownBy(() -> parse("{\"stock\":0,\"name\":\"" + "x".repeat(201) + "\",\"price\":0}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  private static ProductFields parse(String body) {
    return ProductFields.parse(body.getBytes(UTF_8));
  }
}
