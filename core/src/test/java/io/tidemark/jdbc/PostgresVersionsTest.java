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
        .contains("relation regclass := '\"sales\".\"product\"'")
        .contains("attname = 'updated_at'")
        .doesNotContain("${");
  }

  @Test
  void triggerSql_quotedNames_stayAsTheyAre() {
    assertThat(PostgresVersions.triggerSql("\"A.b\"\"c'd\"", "\"Last ${table}\""))
        .contains("relation regclass := '\"A.b\"\"c''d\"'")
        .contains("attname = 'Last ${table}'");
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

  @Test
  void tombstoneSql_names_areFoldedAndQuoted() {
    assertThat(PostgresVersions.tombstoneSql("Sales.Product", "Updated_At", "Id", "\"Part's\""))
        .contains("relation regclass := '\"sales\".\"product\"'")
        .contains("'tidemark_version_' || 'updated_at'")
        .contains("array['id', 'Part''s']")
        .doesNotContain("${");
  }

  @Test
  void tombstoneSql_keyColumnsThatTellNothing_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.tombstoneSql("product", "updated_at"))
        .withMessage("keyColumns is empty; it must name the key's columns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.tombstoneSql("product", "updated_at", "id", "ID"))
        .withMessage("keyColumns names 'ID' twice; each column may be named once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.tombstoneSql("product", "updated_at", "a.b"))
        .withMessageStartingWith("keyColumns is 'a.b'; it must be a name as written in SQL");
  }

  @Test
  void tombstoneSql_tableWhoseTombstoneWouldBeCutOff_isRefused() {
    assertThat(PostgresVersions.tombstoneSql("t".repeat(53), "v", "id")).isNotBlank();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresVersions.tombstoneSql("t".repeat(54), "v", "id"))
        .withMessage("table is '" + "t".repeat(54) + "'; it must be at most 53 bytes long");
  }
}
