import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Utils;

/** What the recorder itself asks of the cluster: topics, elections, looks from outside. */
final class AdminCalls {
    /** A look at the end of a partition whose leader does not answer is given up after this. */
    private static final int LOOK_MS = 4000;

    private Admin admin;

    AdminCalls(Agent agent) {
        agent.on("format", AdminCalls::format);
        agent.on("open_admin", args -> {
            admin = Admin.create(Wire.properties(args.path("config")));
            return null;
        });
        agent.on("create_topic", args -> createTopic(args));
        agent.on("create_partitions", args -> {
            int count = args.path("count").asInt();
            List<List<Integer>> assignment = new ArrayList<>();
            for (JsonNode replicas : args.path("assignment")) assignment.add(brokers(replicas));
            NewPartitions more = assignment.isEmpty() ? NewPartitions.increaseTo(count) : NewPartitions.increaseTo(count, assignment);
            return admin.createPartitions(Map.of(args.path("topic").asText(), more)).all().get();
        });
        agent.on("reassign", args -> {
            NewPartitionReassignment to = new NewPartitionReassignment(brokers(args.path("replicas")));
            return admin.alterPartitionReassignments(Map.of(Wire.partition(args.path("partition")), Optional.of(to))).all().get();
        });
        agent.on("delete_records", args -> {
            RecordsToDelete before = RecordsToDelete.beforeOffset(args.path("offset").asLong());
            return admin.deleteRecords(Map.of(Wire.partition(args.path("partition")), before)).all().get();
        });
        agent.on("alter_topic", args -> {
            List<AlterConfigOp> sets = new ArrayList<>();
            Wire.settings(args.path("config")).forEach((name, value) ->
                sets.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, args.path("topic").asText());
            return admin.incrementalAlterConfigs(Map.of(topic, sets)).all().get();
        });
        agent.on("elect", AdminCalls::elect);
        agent.on("describe", AdminCalls::describe);
        agent.on("latest", args -> latest(args));
        agent.on("group_offsets", args -> Wire.shown(admin.listConsumerGroupOffsets(args.path("group").asText())
            .partitionsToOffsetAndMetadata().get(5, TimeUnit.SECONDS)));
        agent.on("read_back", AdminCalls::readBack);
        agent.on("partition_vectors", AdminCalls::partitionVectors);
    }

    /** Kafka's storage tool, without a JVM of its own each time. */
    private static Object format(JsonNode args) throws Exception {
        String log = args.path("log").asText();
        try (PrintStream out = new PrintStream(log, StandardCharsets.UTF_8)) {
            int status = kafka.tools.StorageTool.execute(Wire.texts(args.path("args")).toArray(new String[0]), out);
            if (status != 0) throw new IllegalStateException("the storage tool failed, see " + log);
        }
        return null;
    }

    private Object createTopic(JsonNode args) throws Exception {
        Map<Integer, List<Integer>> assignment = new HashMap<>();
        for (JsonNode replicas : args.path("replicas")) {
            assignment.put(assignment.size(), brokers(replicas));
        }
        NewTopic topic = new NewTopic(args.path("topic").asText(), assignment).configs(Wire.settings(args.path("config")));
        return admin.createTopics(List.of(topic)).all().get();
    }

    private static List<Integer> brokers(JsonNode list) {
        List<Integer> all = new ArrayList<>();
        for (JsonNode broker : list) all.add(broker.asInt());
        return all;
    }

    /**
     * By a client of its own that knows only brokers which answer: a request that ended up at one that stands still
     * would otherwise wait there for the whole request timeout.
     */
    private static Object elect(JsonNode args) throws Exception {
        Properties config = new Properties();
        config.put("bootstrap.servers", args.path("brokers").asText());
        config.put("request.timeout.ms", "1500");
        config.put("default.api.timeout.ms", "15000");
        TopicPartition partition = Wire.partition(args.path("partition"));
        ElectionType type = args.path("unclean").asBoolean() ? ElectionType.UNCLEAN : ElectionType.PREFERRED;
        try (Admin impatient = Admin.create(config)) {
            Optional<Throwable> failure = impatient.electLeaders(type, Set.of(partition)).partitions().get().get(partition);
            if (failure != null && failure.isPresent()) throw new ExecutionException(failure.get());
        }
        return null;
    }

    /** By a client of its own, as {@link #elect}: what one broker says, and no other is asked before it. */
    private static Object describe(JsonNode args) throws Exception {
        Properties config = new Properties();
        config.put("bootstrap.servers", args.path("brokers").asText());
        config.put("request.timeout.ms", "1500");
        config.put("default.api.timeout.ms", "15000");
        ArrayNode rows = Wire.JSON.createArrayNode();
        try (Admin observer = Admin.create(config)) {
            String topic = args.path("topic").asText();
            for (TopicPartitionInfo info : observer.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()) {
                ObjectNode row = rows.addObject();
                row.put("leader", info.leader() == null ? -1 : info.leader().id());
                ids(row.putArray("replicas"), info.replicas());
                ids(row.putArray("isr"), info.isr());
                ids(row.putArray("elr"), info.elr());
                ids(row.putArray("last_known_elr"), info.lastKnownElr());
            }
        }
        return rows;
    }

    private static void ids(ArrayNode row, List<Node> nodes) {
        for (Node node : nodes) row.add(node.id());
    }

    private SortedMap<String, Long> latest(JsonNode args) throws Exception {
        SortedMap<String, Long> ends = new TreeMap<>();
        for (TopicPartition partition : Wire.partitions(args.path("partitions"))) {
            Long end = null;
            try {
                end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions().timeoutMs(LOOK_MS))
                    .partitionResult(partition).get().offset();
            } catch (ExecutionException nobodyAnswers) {
                // null tells
            }
            ends.put(partition.toString(), end);
        }
        return ends;
    }

    /** Offset and value of all that a consumer nobody knows reads up to the end it finds; null where it cannot in time. */
    private static Object readBack(JsonNode args) {
        ObjectNode all = Wire.JSON.createObjectNode();
        String patience = args.path("timeout_ms").asText();
        Properties config = Wire.properties(args.path("config"));
        config.putAll(Map.of("enable.auto.commit", "false", "default.api.timeout.ms", patience, "request.timeout.ms", patience));
        for (TopicPartition partition : Wire.partitions(args.path("partitions"))) {
            try (Consumer<String, String> reader = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
                all.set(partition.toString(), readToEnd(reader, partition, args.path("timeout_ms").asLong()));
            } catch (Exception e) {
                all.putNull(partition.toString());
            }
        }
        return all;
    }

    private static ArrayNode readToEnd(Consumer<String, String> reader, TopicPartition partition, long patienceMs) {
        ArrayNode rows = Wire.JSON.createArrayNode();
        reader.assign(List.of(partition));
        reader.seekToBeginning(List.of(partition));
        long end = reader.endOffsets(List.of(partition)).get(partition);
        long until = System.currentTimeMillis() + patienceMs;
        while (reader.position(partition) < end && System.currentTimeMillis() < until) {
            for (ConsumerRecord<String, String> record : reader.poll(Duration.ofMillis(200))) {
                if (record.offset() < end) rows.addArray().add(record.offset()).add(Wire.bare(record.value()));
            }
        }
        return rows;
    }

    /** Of each key its hash, and its partition for each number of partitions. */
    private static Object partitionVectors(JsonNode args) {
        ArrayNode rows = Wire.JSON.createArrayNode();
        for (String key : Wire.texts(args.path("keys"))) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            ArrayNode row = rows.addArray().add(key).add(Utils.murmur2(bytes));
            for (JsonNode count : args.path("counts")) row.add(BuiltInPartitioner.partitionForKey(bytes, count.asInt()));
        }
        return rows;
    }
}
