package io.tidemark.processes;

/**
 * A program for a virtual machine.
 *
 * @param classPath where its classes are, the first found being the one that counts
 * @param mainClass the class that begins
 */
public record JavaProgram(String classPath, String mainClass) {}
