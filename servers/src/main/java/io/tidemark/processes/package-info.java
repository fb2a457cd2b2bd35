/**
 * Child processes that never outlive the command that started them.
 *
 * <ul>
 *   <li>{@link io.tidemark.processes.ProcessGroup}: all children of one command, their directory,
 *       and how they end: in order, on a signal, and when the command itself is killed.
 *   <li>{@link io.tidemark.processes.Child}: one of them, with its log.
 *   <li>{@link io.tidemark.processes.ChildDiedException}: one of them ended unasked.
 *   <li>{@link io.tidemark.processes.WorkDirectory}: how a group's directory is deleted.
 *   <li>{@link io.tidemark.processes.ParentWatch}: the other side, in a child: its parent is gone
 *       when its standard input ends.
 *   <li>{@link io.tidemark.processes.JavaProgram}: what a virtual machine of its own runs; {@link
 *       io.tidemark.processes.ChildProgram}: how such a program ends.
 *   <li>{@link io.tidemark.processes.Signals}: how a process is stopped and woken.
 * </ul>
 */
@NullMarked
package io.tidemark.processes;

import org.jspecify.annotations.NullMarked;
