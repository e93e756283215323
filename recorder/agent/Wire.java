import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Kafka's things as JSON and back, and the one way out of this process. */
final class Wire {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

    private Wire() { }

    static synchronized void write(ObjectNode line) {
        if (!line.has("t")) line.put("t", System.currentTimeMillis());
        OUT.println(line);
        OUT.flush();
    }

    static ObjectNode event(String name) {
        return JSON.createObjectNode().put("event", name);
    }

    static ObjectNode describe(ObjectNode line, Throwable thrown) {
        boolean wrapped = thrown instanceof ExecutionException || thrown instanceof CompletionException;
        Throwable cause = wrapped && thrown.getCause() != null ? thrown.getCause() : thrown;
        return line.put("error", cause.getClass().getSimpleName()).put("message", String.valueOf(cause.getMessage()));
    }

    // ---- values: dots to their right are padding

    static String padded(String value, int bytes) {
        return value == null ? null : value + ".".repeat(Math.max(0, bytes - value.length()));
    }

    static String bare(String value) {
        if (value == null) return null;
        int end = value.length();
        while (end > 0 && value.charAt(end - 1) == '.') end--;
        return value.substring(0, end);
    }

    // ---- partitions and offsets: "t-0"

    static TopicPartition partition(JsonNode name) {
        String text = name.asText();
        int dash = text.lastIndexOf('-');
        if (dash < 0) throw new IllegalArgumentException("not a partition: " + text);
        return new TopicPartition(text.substring(0, dash), Integer.parseInt(text.substring(dash + 1)));
    }

    static List<TopicPartition> partitions(JsonNode names) {
        List<TopicPartition> all = new ArrayList<>();
        for (JsonNode name : names) all.add(partition(name));
        return all;
    }

    static List<String> texts(JsonNode list) {
        List<String> all = new ArrayList<>();
        for (JsonNode text : list) all.add(text.asText());
        return all;
    }

    static Map<TopicPartition, OffsetAndMetadata> commits(JsonNode offsets) {
        Map<TopicPartition, OffsetAndMetadata> all = new HashMap<>();
        offsets.fields().forEachRemaining(entry -> all.put(
            partition(JSON.getNodeFactory().textNode(entry.getKey())), new OffsetAndMetadata(entry.getValue().asLong())));
        return all;
    }

    static SortedMap<String, Long> shown(Map<TopicPartition, OffsetAndMetadata> commits) {
        SortedMap<String, Long> all = new TreeMap<>();
        commits.forEach((partition, commit) -> all.put(partition.toString(), commit == null ? null : commit.offset()));
        return all;
    }

    static SortedMap<String, Long> shownOffsets(Map<TopicPartition, Long> offsets) {
        SortedMap<String, Long> all = new TreeMap<>();
        offsets.forEach((partition, offset) -> all.put(partition.toString(), offset));
        return all;
    }

    // ---- settings

    static Map<String, String> settings(JsonNode config) {
        Map<String, String> all = new HashMap<>();
        config.fields().forEachRemaining(entry -> all.put(entry.getKey(), entry.getValue().asText()));
        return all;
    }

    static Properties properties(JsonNode config) {
        Properties all = new Properties();
        all.putAll(settings(config));
        return all;
    }
}
