import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The calls of an application that consumes, alone or as a member of a group. */
final class ConsumerCalls {
    private Consumer<String, String> consumer;
    private volatile boolean looping;

    ConsumerCalls(Agent agent) {
        agent.on("open_consumer", args -> done(() -> open(Wire.properties(args.path("config")))));
        agent.on("subscribe", args -> done(() -> consumer.subscribe(Wire.texts(args.path("topics")), new Callbacks())));
        agent.on("unsubscribe", args -> done(() -> consumer.unsubscribe()));
        agent.on("assign", args -> done(() -> consumer.assign(Wire.partitions(args.path("partitions")))));
        agent.on("seek", args -> done(() -> consumer.seek(Wire.partition(args.path("partition")), args.path("offset").asLong())));
        agent.on("poll", args -> {
            ConsumerRecords<String, String> got = consumer.poll(Duration.ofMillis(args.path("timeout_ms").asLong()));
            polled(got);
            return got.count();
        });
        agent.on("poll_start", args -> done(() -> loop(args)));
        agent.atOnce("poll_stop", args -> done(() -> looping = false));
        agent.on("commit_sync", args -> done(() -> commitSync(args.path("offsets"))));
        agent.on("commit_async", args -> done(() -> commitAsync(args.path("offsets"))));
        agent.on("committed", args -> Wire.shown(consumer.committed(new HashSet<>(Wire.partitions(args.path("partitions"))))));
        agent.on("position", args -> positions());
        agent.on("end_offsets", args -> Wire.shownOffsets(consumer.endOffsets(Wire.partitions(args.path("partitions")))));
        agent.on("group_metadata", args -> metadata(consumer.groupMetadata()));
        agent.on("close_consumer", args -> done(() -> {
            if (args.hasNonNull("timeout_ms")) consumer.close(CloseOptions.timeout(Duration.ofMillis(args.path("timeout_ms").asLong())));
            else consumer.close();
        }));
    }

    private static Object done(Runnable call) {
        call.run();
        return null;
    }

    private void open(Properties config) {
        boolean autoCommits = config.containsKey("group.id") && !"false".equals(config.getProperty("enable.auto.commit"));
        if (autoCommits) config.put("interceptor.classes", AutoCommits.class.getName());
        consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    // ---- polling

    /** An application's poll loop, until it is told to stop. An exception out of poll is told, and the loop goes on. */
    private void loop(JsonNode args) {
        Duration timeout = Duration.ofMillis(args.path("timeout_ms").asLong(100));
        boolean commits = args.path("commit").asText().equals("sync");
        looping = true;
        while (looping) {
            try {
                ConsumerRecords<String, String> got = consumer.poll(timeout);
                if (got.isEmpty()) continue;
                polled(got);
                if (commits) commitSync(args.path("offsets"));
            } catch (Exception e) {
                Wire.write(Wire.describe(Wire.event("thrown").put("call", "poll"), e));
            }
        }
    }

    private void polled(ConsumerRecords<String, String> got) {
        ObjectNode line = Wire.event("polled");
        ArrayNode records = line.putArray("records");
        for (ConsumerRecord<String, String> r : got) {
            ObjectNode record = records.addObject().put("topic", r.topic()).put("partition", r.partition()).put("offset", r.offset());
            if (r.key() != null) record.put("key", r.key());
            record.put("value", Wire.bare(r.value()));
        }
        line.set("position", Wire.JSON.valueToTree(positions()));
        Wire.write(line);
    }

    /** Where the next poll would read; null where that is not known without asking a broker. */
    private SortedMap<String, Long> positions() {
        SortedMap<String, Long> all = new TreeMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            Long position = null;
            try {
                position = consumer.position(partition, Duration.ZERO);
            } catch (Exception unknown) {
                // it has none yet
            }
            all.put(partition.toString(), position);
        }
        return all;
    }

    // ---- committing

    private void commitSync(JsonNode offsets) {
        ObjectNode line = Wire.JSON.createObjectNode().put("how", "sync");
        try {
            if (offsets.isObject()) consumer.commitSync(Wire.commits(offsets));
            else consumer.commitSync();
            line.put("event", "committed");
            line.set("offsets", offsets.isObject() ? offsets : Wire.JSON.valueToTree(positions()));
        } catch (Exception e) {
            Wire.describe(line.put("event", "commit_failed"), e);
        }
        Wire.write(line);
    }

    private void commitAsync(JsonNode offsets) {
        if (offsets.isObject()) consumer.commitAsync(Wire.commits(offsets), ConsumerCalls::committedAsync);
        else consumer.commitAsync(ConsumerCalls::committedAsync);
    }

    private static void committedAsync(Map<TopicPartition, OffsetAndMetadata> offsets, Exception failure) {
        ObjectNode line = Wire.event(failure == null ? "committed" : "commit_failed").put("how", "async");
        line.set("offsets", Wire.JSON.valueToTree(Wire.shown(offsets)));
        Wire.write(failure == null ? line : Wire.describe(line, failure));
    }

    /** Kafka's consumer tells an application nothing of the commits it makes by itself, but it tells an interceptor. */
    public static final class AutoCommits implements ConsumerInterceptor<String, String> {
        private Map<TopicPartition, OffsetAndMetadata> last = Map.of();

        @Override
        public synchronized void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
            if (offsets.equals(last)) return; // every interval again, also when nothing was read
            last = Map.copyOf(offsets);
            ObjectNode line = Wire.event("committed").put("how", "auto");
            line.set("offsets", Wire.JSON.valueToTree(Wire.shown(offsets)));
            Wire.write(line);
        }

        @Override
        public ConsumerRecords<String, String> onConsume(ConsumerRecords<String, String> records) {
            return records;
        }

        @Override
        public void configure(Map<String, ?> config) { }

        @Override
        public void close() { }
    }

    // ---- the group

    private static final class Callbacks implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            tell("assigned", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            tell("revoked", partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            tell("partitions_lost", partitions);
        }

        private static void tell(String what, Collection<TopicPartition> partitions) {
            ObjectNode line = Wire.event(what);
            ArrayNode names = line.putArray("partitions");
            partitions.stream().map(TopicPartition::toString).sorted().forEach(names::add);
            Wire.write(line);
        }
    }

    private static ObjectNode metadata(ConsumerGroupMetadata of) {
        ObjectNode shown = Wire.JSON.createObjectNode();
        shown.put("group", of.groupId()).put("generation", of.generationId()).put("member", of.memberId());
        of.groupInstanceId().ifPresent(instance -> shown.put("instance", instance));
        return shown;
    }
}
