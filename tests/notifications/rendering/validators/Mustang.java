// A line for each file: valid or INVALID, its name, and what was found. Run as one source file.
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mustangproject.validator.ZUGFeRDValidator;

public class Mustang {
  static final Pattern SUMMARY = Pattern.compile("<summary status=\"(\\w+)\"");
  static final Pattern FOUND = Pattern.compile("<(error|exception|fatal)\\b[^>]*>([^<]*)");

  public static void main(String[] files) {
    for (String file : files) {
      // Each file has a validator of its own, which remembers what it has seen.
      ZUGFeRDValidator validator = new ZUGFeRDValidator();
      String report = validator.validate(file);
      ArrayList<String> found = new ArrayList<>();
      for (Matcher each = FOUND.matcher(report); each.find(); ) found.add(each.group(2).strip());
      // Its own word for the whole passes over a PDF that is no PDF/A-3: each part must be valid.
      int parts = 0, valid = 0;
      for (Matcher each = SUMMARY.matcher(report); each.find(); parts++)
        if (each.group(1).equals("valid")) valid++;
      boolean right = validator.wasCompletelyValid() && parts > 0 && valid == parts;
      String text = String.join(" | ", found).replaceAll("\\s+", " ");
      System.out.println((right ? "valid" : "INVALID") + "\t" + Path.of(file).getFileName() + "\t" + text);
    }
  }
}
