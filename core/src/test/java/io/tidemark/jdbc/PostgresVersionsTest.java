package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresVersionsTest {

  @Test
  void triggerSql_bareNames_areFoldedAndQuoted() {
    assertThat(PostgresVersions.triggerSql("Sales.Product", "Updated_At"))
        .contains("on \"sales\".\"product\"")
        .contains("function \"sales\".\"tidemark_version_updated_at\"()")
        .contains("new.\"updated_at\" :=")
        .contains("'\"sales\".\"product\"'::regclass")
        .doesNotContain("${");
  }

  @Test
  void triggerSql_quotedNames_stayAsTheyAre() {
    assertThat(PostgresVersions.triggerSql("\"A.b\"\"c'd\"", "\"Last ${table}\""))
        .contains("on \"A.b\"\"c'd\"")
        .contains("'\"A.b\"\"c''d\"'::regclass")
        .contains("new.\"Last ${table}\" :=");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "a.",
        ".a",
        "a..b",
        "a.b.c",
        "1a",
        "a b",
        "a;drop table b",
        "a-b",
        "größe",
        "\"",
        "\"\"",
        "\"a",
        "a\"b\"",
        "\"a\"b",
        "\"a\0\"",
        "\"$tidemark$\"",
        "a\n"
      })
  void triggerSql_noTableName_isRefused(String table) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.triggerSql(table, "updated_at"))
        .withMessageStartingWith(
            "table is '" + table + "'; it must be a name or schema.name as written in SQL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.b", "a b", "\"a"})
  void triggerSql_noColumnName_isRefused(String column) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.triggerSql("product", column))
        .withMessageStartingWith("column is '" + column + "'; it must be a name as written in SQL");
  }

  @Test
  void triggerSql_columnWhoseFunctionWouldBeCutOff_isRefused() {
    assertThat(PostgresVersions.triggerSql("product", "c".repeat(46))).isNotBlank();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.triggerSql("product", "c".repeat(47)))
        .withMessage("column is '" + "c".repeat(47) + "'; it must be at most 46 bytes long");
  }
}
