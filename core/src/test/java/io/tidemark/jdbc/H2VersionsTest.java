package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class H2VersionsTest {

  @Test
  void columnSql_bareNames_areLeftToTheDatabase() {
    assertThat(H2Versions.columnSql("Sales.Product", "Version"))
        .contains("create sequence if not exists Sales.Product_TIDEMARK_VERSION")
        .contains("upper('Product')")
        .contains("lower('Version')")
        .doesNotContain("${");
  }

  @Test
  void columnSql_noSchema_looksInTheCurrentOne() {
    assertThat(H2Versions.columnSql("\"it's\"", "\"version\""))
        .contains(
            "TABLE_SCHEMA = current_schema and TABLE_NAME = 'it''s' and COLUMN_NAME = 'version'");
  }

  @Test
  void deletedVersionSql_givesTheNextValue() {
    assertThat(H2Versions.deletedVersionSql("sales.product"))
        .isEqualTo("select next value for sales.product_TIDEMARK_VERSION");
    assertThat(H2Versions.deletedVersionSql("sales.\"it's\""))
        .isEqualTo("select next value for sales.\"it's_TIDEMARK_VERSION\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.b.c", "1a", "a b", "a;b", "`a`", "\"a"})
  void columnSql_noTableName_isRefused(String table) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> H2Versions.columnSql(table, "version"))
        .withMessage(
            "table is '%s'; it must be a name or schema.name as written in SQL, in double quotes"
                    .formatted(table)
                + " unless it is letters, digits, _ and $");
  }
}
