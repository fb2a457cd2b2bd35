package io.tidemark.demo;

import io.tidemark.jdbc.VersionSql;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the SQL that makes a table's versions grow, for a migration. */
@Command(
    name = "sql",
    description =
        "Prints the SQL that makes a table's versions grow, for Flyway or the database's client.",
    mixinStandardHelpOptions = true)
final class SqlCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "DATABASE TABLE COLUMN KEY",
      arity = "0..*",
      description = {
        "postgresql, mariadb, mysql or h2; the table and its version column as written in SQL; and"
            + " the columns of the key, where deleted rows are to keep their versions."
      })
  private List<String> arguments = new ArrayList<>();

  @Option(names = "--liquibase", description = "Print a formatted file for Liquibase.")
  private boolean liquibase;

  @Override
  public void run() {
    List<String> all = new ArrayList<>(arguments);
    if (liquibase) {
      all.add("--liquibase");
    }
    try {
      spec.commandLine().getOut().println(VersionSql.of(all.toArray(String[]::new)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
