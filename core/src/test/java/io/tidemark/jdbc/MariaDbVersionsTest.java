package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MariaDbVersionsTest {

  @Test
  void triggerSql_bareNames_areQuotedAndNotFolded() {
    assertThat(MariaDbVersions.triggerSql("Sales.Product", "Version"))
        .hasSize(5)
        .noneMatch(sql -> sql.contains("${") || sql.contains("//"))
        .anyMatch(
            sql ->
                sql.startsWith(
                    "create trigger if not exists `Sales`.`tidemark_insert_Product`"
                        + " before insert on `Sales`.`Product`"))
        .anyMatch(sql -> sql.contains("table_schema = 'Sales'"));
  }

  @Test
  void triggerSql_noSchema_looksInTheCurrentOne() {
    assertThat(MariaDbVersions.triggerSql("`it's`", "version"))
        .anyMatch(sql -> sql.contains("table_schema = database()"))
        .anyMatch(sql -> sql.contains("table_name = 'it''s'"))
        .anyMatch(sql -> sql.contains("before insert on `it's`"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.b.c", "1a", "a b", "a;b", "\"a\"", "`a", "`a`b`", "``", "`a\\`"})
  void triggerSql_noTableName_isRefused(String table) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MariaDbVersions.triggerSql(table, "version"))
        .withMessage(
            "table is '%s'; it must be a name or schema.name as written in SQL, in backquotes"
                    .formatted(table)
                + " unless it is letters, digits, _ and $, and without \\");
  }

  @Test
  void triggerSql_tableWhoseTriggersWouldBeTooLong_isRefused() {
    assertThat(MariaDbVersions.triggerSql("t".repeat(45), "v")).isNotEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MariaDbVersions.triggerSql("t".repeat(46), "v"))
        .withMessage("table is '" + "t".repeat(46) + "'; it must be at most 45 bytes long");
  }

  @Test
  void tombstoneSql_twoKeyColumns_areComparedTogether() {
    assertThat(MariaDbVersions.tombstoneSql("product", "version", "id", "`part's`"))
        .hasSize(7)
        .noneMatch(sql -> sql.contains("${"))
        .anyMatch(sql -> sql.contains("(`id`, `part's`) = (new.`id`, new.`part's`)"))
        .anyMatch(sql -> sql.contains("column_name in ('id', 'part''s')"));
  }

  @Test
  void tombstoneSql_noKeyColumns_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MariaDbVersions.tombstoneSql("product", "version"))
        .withMessage("keyColumns is empty; it must name the key's columns");
  }
}
