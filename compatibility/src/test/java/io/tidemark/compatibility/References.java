package io.tidemark.compatibility;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a class refers to: the constant pool of its file, as chapter 4.4 of the JVMS has it. */
final class References {
  /**
   * A class, or a member of one.
   *
   * @param owner the class, as in a class file
   * @param name of the member; empty for the class itself
   * @param descriptor of the member; empty for the class itself
   */
  record Reference(String owner, String name, String descriptor) {
    boolean isMethod() {
      return descriptor.startsWith("(");
    }

    boolean isClass() {
      return name.isEmpty();
    }

    @Override
    public String toString() {
      return isClass() ? owner : owner + "." + name + (isMethod() ? "" : " ") + descriptor;
    }
  }

  private static final int UTF8 = 1;
  private static final int LONG = 5;
  private static final int DOUBLE = 6;
  private static final int CLASS = 7;
  private static final int FIELD = 9;
  private static final int METHOD = 10;
  private static final int INTERFACE_METHOD = 11;
  private static final int NAME_AND_TYPE = 12;

  /** Of each entry: a text, or the numbers of one or two other entries, or null. */
  private final Object[] entries;

  private final int[] tags;

  private References(DataInputStream file) throws IOException {
    file.skipNBytes(8); // The magic number and the version.
    int count = file.readUnsignedShort();
    this.entries = new Object[count];
    this.tags = new int[count];
    for (int i = 1; i < count; i++) {
      tags[i] = file.readUnsignedByte();
      entries[i] = entry(tags[i], file);
      if (tags[i] == LONG || tags[i] == DOUBLE) {
        i++; // They take two places.
      }
    }
  }

  /** Reads all references of a class. */
  static List<Reference> of(byte[] classFile) throws IOException {
    return new References(new DataInputStream(new ByteArrayInputStream(classFile))).all();
  }

  private static Object entry(int tag, DataInputStream file) throws IOException {
    return switch (tag) {
      case UTF8 -> file.readUTF();
      case 3, 4 -> file.readInt();
      case LONG, DOUBLE -> file.readLong();
      case CLASS, 8, 16, 19, 20 -> new int[] {file.readUnsignedShort()};
      case FIELD, METHOD, INTERFACE_METHOD, NAME_AND_TYPE, 17, 18 ->
          new int[] {file.readUnsignedShort(), file.readUnsignedShort()};
      case 15 -> new int[] {file.readUnsignedByte(), file.readUnsignedShort()};
      default -> throw new IOException("unknown entry " + tag + " in a constant pool");
    };
  }

  private List<Reference> all() {
    List<Reference> all = new ArrayList<>();
    for (int i = 1; i < tags.length; i++) {
      switch (tags[i]) {
        case CLASS -> all.add(new Reference(text(part(i, 0)), "", ""));
        case FIELD, METHOD, INTERFACE_METHOD -> all.add(member(i));
        default -> {}
      }
    }
    return all;
  }

  private Reference member(int entry) {
    int nameAndType = part(entry, 1);
    return new Reference(
        text(part(part(entry, 0), 0)), text(part(nameAndType, 0)), text(part(nameAndType, 1)));
  }

  private int part(int entry, int part) {
    return ((int[]) entries[entry])[part];
  }

  private String text(int entry) {
    return (String) entries[entry];
  }
}
