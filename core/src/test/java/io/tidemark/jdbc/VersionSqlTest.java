package io.tidemark.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionSqlTest {

  @Test
  void of_postgresql_isWhatInstallRuns() {
    assertThat(VersionSql.of("postgresql", "sales.product", "updated_at", "id"))
        .isEqualTo(
            PostgresVersions.triggerSql("sales.product", "updated_at")
                + "\n"
                + PostgresVersions.tombstoneSql("sales.product", "updated_at", "id"));
    assertThat(VersionSql.of("PostgreSQL", "product", "updated_at"))
        .isEqualTo(PostgresVersions.triggerSql("product", "updated_at"));
  }

  @ParameterizedTest
  @CsvSource({"mariadb", "mysql"})
  void of_mariaDb_delimitsWhatInstallRuns(String database) {
    String sql = VersionSql.of(database, "product", "version", "id");

    assertThat(sql).startsWith("delimiter //\n").endsWith("\n//\n\ndelimiter ;\n");
    assertThat(
            Arrays.stream(sql.substring("delimiter //\n".length()).split("\n//\n"))
                .map(String::strip))
        .startsWith(MariaDbVersions.triggerSql("product", "version").toArray(String[]::new))
        .containsAll(MariaDbVersions.tombstoneSql("product", "version", "id"))
        .endsWith("delimiter ;");
  }

  @Test
  void of_h2_runsAsItIs() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:migration");
        Statement statement = connection.createStatement()) {
      statement.execute("create table product (id int, version bigint)");
      statement.execute(VersionSql.of("h2", "product", "version"));
      statement.execute("insert into product (id) values (1)");

      try (ResultSet row = statement.executeQuery("select version from product")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getLong(1)).isPositive();
      }
    }
  }

  @Test
  void of_forLiquibase_isAChangesetThatIsNotSplitAtSemicolons() {
    assertThat(VersionSql.of("postgresql", "\"Product\"", "updated_at", "--liquibase"))
        .startsWith(
            "--liquibase formatted sql\n\n"
                + "--changeset tidemark:\"'Product' updated_at\" splitStatements:false"
                + " stripComments:false\n")
        .endsWith(PostgresVersions.triggerSql("\"Product\"", "updated_at"));
    assertThat(VersionSql.of("--liquibase", "mariadb", "product", "version"))
        .contains("--changeset tidemark:\"product version\" endDelimiter:// stripComments:false\n")
        .doesNotContain("delimiter //");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgresql product | DATABASE, TABLE and COLUMN are required; 2 of them were given",
        "oracle product version | DATABASE is 'oracle'; it must be postgresql, mariadb, mysql or h2",
        "h2 product version id | KEY is [id]; for h2 it must not be given",
        "postgresql product version --help | Unknown option: '--help'",
        "postgresql a-b version | table is 'a-b'; it must be a name or schema.name as written in SQL"
      })
  void of_badArguments_areRefusedByNameValueAndRule(String arguments, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VersionSql.of(arguments.split(" ")))
        .withMessageStartingWith(message);
  }
}
