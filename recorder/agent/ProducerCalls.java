import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** The calls of an application that produces. Each record's callback becomes an event. */
final class ProducerCalls {
    private Producer<String, String> producer;

    ProducerCalls(Agent agent) {
        agent.on("open_producer", args -> {
            open(args);
            return null;
        });
        agent.on("send", args -> {
            for (JsonNode value : args.path("values")) send(args, value.isNull() ? null : value.asText());
            return null;
        });
        // Opened, used and closed within one call, so that all that it wrote is acknowledged when this returns.
        agent.on("seed", args -> {
            open(args);
            for (JsonNode value : args.path("values")) send(args, value.asText());
            producer.close();
            return null;
        });
        agent.on("partitions_for", args -> producer.partitionsFor(args.path("topic").asText()).size());
        agent.on("flush", args -> done(() -> producer.flush()));
        agent.on("init_transactions", args -> done(() -> producer.initTransactions()));
        agent.on("begin", args -> done(() -> producer.beginTransaction()));
        agent.on("commit", args -> done(() -> producer.commitTransaction()));
        agent.on("abort", args -> done(() -> producer.abortTransaction()));
        agent.on("send_offsets", args -> {
            producer.sendOffsetsToTransaction(Wire.commits(args.path("offsets")), metadata(args.path("group_metadata")));
            return null;
        });
        agent.on("close_producer", args -> done(() -> {
            if (args.hasNonNull("timeout_ms")) producer.close(Duration.ofMillis(args.path("timeout_ms").asLong()));
            else producer.close();
        }));
        agent.atOnce("close_now", args -> done(() -> producer.close(Duration.ZERO)));
    }

    private static Object done(Runnable call) {
        call.run();
        return null;
    }

    private void open(JsonNode args) {
        producer = new KafkaProducer<>(Wire.properties(args.path("config")), new StringSerializer(), new StringSerializer());
    }

    private void send(JsonNode args, String value) {
        String key = args.hasNonNull("key") ? args.path("key").asText() : null;
        Integer partition = args.hasNonNull("partition") ? args.path("partition").asInt() : null;
        String topic = args.path("topic").asText();
        ObjectNode about = Wire.JSON.createObjectNode().put("topic", topic).put("value", value);
        if (key != null) about.put("key", key);
        String whole = Wire.padded(value, args.path("pad").asInt(0));
        try {
            producer.send(new ProducerRecord<>(topic, partition, key, whole), (where, failure) -> outcome(about, where, failure));
        } catch (Exception e) {
            Wire.write(Wire.describe(about.deepCopy().put("event", "thrown").put("call", "send"), e));
        }
    }

    private static void outcome(ObjectNode about, RecordMetadata where, Exception failure) {
        ObjectNode line = about.deepCopy().put("event", failure == null ? "acked" : "failed");
        if (where != null) line.put("partition", where.partition());
        if (failure == null) line.put("offset", where.offset());
        else Wire.describe(line, failure);
        Wire.write(line);
    }

    private static ConsumerGroupMetadata metadata(JsonNode of) {
        return new ConsumerGroupMetadata(of.path("group").asText(), of.path("generation").asInt(), of.path("member").asText(),
            Optional.ofNullable(of.path("instance").textValue()));
    }
}
