import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.BrokerRegistrationChangeRecord;
import org.apache.kafka.common.metadata.ClearElrRecord;
import org.apache.kafka.common.metadata.FeatureLevelRecord;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.ControlRecordUtils;
import org.apache.kafka.common.record.internal.FileLogInputStream.FileChannelRecordBatch;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.metadata.PartitionRegistration;

/**
 * Follows the controller's metadata log on its disk: every change of a partition and of a broker, with the
 * controller's own time. So they are seen also while no broker answers, and none between two looks is missed.
 */
final class MetadataLog {
    private static final int LOOK_EVERY_MS = 20;
    /** The controller may be half way through a write when the file is read; not this many times one after the other. */
    private static final int PATIENCE = 50;

    private record Place(Uuid topic, int partition) { }

    private final Map<Uuid, String> topics = new HashMap<>();
    private final Map<Place, PartitionRegistration> partitions = new HashMap<>();

    MetadataLog(Agent agent) {
        agent.on("watch", args -> watch(args));
    }

    private Object watch(JsonNode args) {
        File file = new File(args.path("file").asText());
        Thread watcher = new Thread(() -> follow(file), "metadata log");
        watcher.setDaemon(true);
        watcher.start();
        return null;
    }

    private void follow(File file) {
        int read = 0;
        int failures = 0;
        while (failures < PATIENCE) {
            try {
                Thread.sleep(LOOK_EVERY_MS);
                if (file.length() > read) read = readFrom(file, read);
                failures = 0;
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                failures++;
                if (failures == PATIENCE) Wire.write(Wire.describe(Wire.event("watch_failed"), e));
            }
        }
    }

    /**
     * Takes whole batches only, and returns the place after the last of them. The file is not closed as a log is: that
     * would cut off what its owner has written since it was opened, which a reader may not and must not.
     */
    private int readFrom(File file, int start) throws Exception {
        List<FileChannelRecordBatch> whole = new ArrayList<>();
        int at = start;
        FileRecords log = FileRecords.open(file, false);
        try {
            try {
                for (FileChannelRecordBatch batch : log.batchesFrom(start)) {
                    batch.ensureValid();
                    whole.add(batch);
                }
            } catch (Exception halfWritten) {
                if (whole.isEmpty()) throw halfWritten;
            }
            for (FileChannelRecordBatch batch : whole) {
                for (Record record : batch) {
                    if (batch.isControlBatch()) election(record, batch.partitionLeaderEpoch());
                    else take(batch.maxTimestamp(), record);
                }
                at += batch.sizeInBytes();
            }
        } finally {
            log.closeHandlers();
        }
        return at;
    }

    /** The first record of each leader of the quorum. */
    private static void election(Record record, int epoch) {
        if (ControlRecordType.parse(record.key()) != ControlRecordType.LEADER_CHANGE) return;
        int leader = ControlRecordUtils.deserializeLeaderChangeMessage(record).leaderId();
        Wire.write(Wire.event("quorum").put("leader", leader).put("epoch", epoch));
    }

    private void take(long time, Record record) {
        ApiMessage message = MetadataRecordSerde.INSTANCE.read(new ByteBufferAccessor(record.value().duplicate()), record.valueSize()).message();
        if (message instanceof TopicRecord topic) {
            topics.put(topic.topicId(), topic.name());
        } else if (message instanceof PartitionRecord created) {
            become(time, new Place(created.topicId(), created.partitionId()), new PartitionRegistration(created));
        } else if (message instanceof PartitionChangeRecord change) {
            Place place = new Place(change.topicId(), change.partitionId());
            become(time, place, partitions.get(place).merge(change));
        } else if (message instanceof ClearElrRecord clear) {
            clearElr(time, clear.topicName());
        } else if (message instanceof RegisterBrokerRecord broker) {
            broker(time, broker.brokerId(), broker.inControlledShutdown() ? "registered, shutting down" : "registered");
        } else if (message instanceof BrokerRegistrationChangeRecord change) {
            if (change.fenced() == 1) broker(time, change.brokerId(), "fenced");
            if (change.fenced() == -1) broker(time, change.brokerId(), "unfenced");
            if (change.inControlledShutdown() == 1) broker(time, change.brokerId(), "shutting_down");
        } else if (message instanceof FeatureLevelRecord feature) {
            Wire.write(Wire.event("feature").put("t", time).put("name", feature.name()).put("level", feature.featureLevel()));
        }
    }

    /** When min.insync.replicas changes, the controller forgets the ELR of a topic (no name: of all) with one record. */
    private void clearElr(long time, String topic) {
        for (Place place : List.copyOf(partitions.keySet())) {
            PartitionRegistration partition = partitions.get(place);
            boolean meant = topic.isEmpty() || topic.equals(topics.get(place.topic()));
            if (!meant || partition.elr.length + partition.lastKnownElr.length == 0) continue;
            PartitionChangeRecord none = new PartitionChangeRecord().setTopicId(place.topic()).setPartitionId(place.partition())
                .setEligibleLeaderReplicas(List.of()).setLastKnownElr(List.of());
            become(time, place, partition.merge(none));
        }
    }

    private static void broker(long time, int broker, String state) {
        Wire.write(Wire.event("broker").put("t", time).put("broker", broker).put("state", state));
    }

    private void become(long time, Place place, PartitionRegistration now) {
        PartitionRegistration before = partitions.put(place, now);
        ObjectNode line = Wire.event("partition").put("t", time).put("topic", topics.get(place.topic())).put("partition", place.partition());
        line.put("leader", now.leader).put("leader_epoch", now.leaderEpoch);
        line.set("isr", Wire.JSON.valueToTree(now.isr));
        line.set("elr", Wire.JSON.valueToTree(now.elr));
        line.set("last_known_elr", Wire.JSON.valueToTree(now.lastKnownElr));
        line.put("recovery", now.leaderRecoveryState.name());
        ArrayNode moved = movedDirectories(before, now);
        if (!moved.isEmpty()) line.set("new_directory_of", moved);
        Wire.write(line);
    }

    /** The brokers whose replica is in another log directory than before: their disk is a new one. */
    private static ArrayNode movedDirectories(PartitionRegistration before, PartitionRegistration now) {
        ArrayNode moved = Wire.JSON.createArrayNode();
        if (before == null || before.replicas.length != now.replicas.length) return moved;
        for (int i = 0; i < now.replicas.length; i++) {
            if (before.replicas[i] == now.replicas[i] && !before.directories[i].equals(now.directories[i])) moved.add(now.replicas[i]);
        }
        return moved;
    }
}
