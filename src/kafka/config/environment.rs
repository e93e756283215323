//! What is not Kafka's: links, disks, the operating system.

use super::row::Valid::{Any, AtLeast, Between, OneOf};
use super::{configs, words};

words! {
    /// What the logs lie on.
    pub enum DiskKind {
        /// Flash.
        Ssd = "ssd",
        /// A turning disk.
        Hdd = "hdd",
    }
}

words! {
    /// What a follower's log is cut to when a new leader epoch begins.
    pub enum Truncation {
        /// To where it parts from its leader's, found by leader epochs (KIP-101): every Kafka since 0.11.
        LeaderEpoch = "leader-epoch",
        /// To its own high watermark: Kafka before 0.11.
        HighWatermark = "high-watermark",
    }
}

configs! {
    /// The machines and the network under the cluster.
    pub struct Environment {
        link_delay_us: u64 = "250", ["link.delay.us" Environment Long Between(0, 60_000_000), "acklab 0.1", "sim"]
            "One way over the network, in microseconds."
            "网络单程延迟，微秒。";
        link_jitter_us: u64 = "100", ["link.jitter.us" Environment Long Between(0, 60_000_000), "acklab 0.1", "sim"]
            "Up to this much is added to each way, by chance."
            "每次单程随机增加的延迟上限。";
        link_loss_ppm: u64 = "0", ["link.loss.ppm" Environment Long Between(0, 1_000_000), "acklab 0.1", "sim"]
            "Of a million packets so many are lost on the way and sent again by TCP."
            "每一百万个数据包中丢失的个数，由 TCP 重传。";
        disk_kind: DiskKind = "ssd", ["disk.kind" Environment Text OneOf(&["ssd", "hdd"]), "acklab 0.1", "sim"]
            "Flash or a turning disk: it sets what an fsync costs."
            "固态盘或机械盘：决定 fsync 的代价。";
        disk_fsync_us: Option<u64> = "null", ["disk.fsync.us" Environment Long Between(1, 60_000_000), "acklab 0.1", "sim"]
            "What one fsync costs in microseconds; unset it is 500 for ssd and 8000 for hdd."
            "一次 fsync 的时间，微秒；不设置时 ssd 为 500，hdd 为 8000。";
        recovery_bytes_per_ms: u64 = "100000",
            ["recovery.bytes.per.ms" Environment Long Between(1, 10_000_000), "acklab 0.1", "LogSegment.recover"]
            "How fast one thread reads a log again after an unclean stop."
            "非正常停止后，一个线程重新读取日志的速度。";
        os_writeback_age_ms: u64 = "30000",
            ["os.writeback.age.ms" Environment Long AtLeast(0), "acklab 0.1", "vm.dirty_expire_centisecs"]
            "Linux writes dirty pages older than this to the disk on its own."
            "Linux 会自行把超过这个时间的脏页写回磁盘。";
        os_writeback_interval_ms: u64 = "5000",
            ["os.writeback.interval.ms" Environment Long AtLeast(1), "acklab 0.1", "vm.dirty_writeback_centisecs"]
            "How often Linux looks for such pages."
            "Linux 多久检查一次脏页。";
        os_dirty_limit_bytes: u64 = "1073741824",
            ["os.dirty.limit.bytes" Environment Long AtLeast(1), "acklab 0.1", "vm.dirty_bytes"]
            "With more than this in the page cache alone, Linux lets writes wait for the disk."
            "页缓存中未写盘的数据超过这个数时，Linux 会让写入等待磁盘。";
        power_loss_closes_connections: bool = "false",
            ["power.loss.closes.connections" Environment Boolean Any, "acklab 0.1", "TCP"]
            "Whether peers hear at once that a host lost power (a dead host sends no RST)."
            "主机断电时对端是否立即得知（断电的主机不会发送 RST）。";
        power_loss_tears_tail: bool = "false",
            ["power.loss.tears.tail" Environment Boolean Any, "acklab 0.1", "LogSegment.recover"]
            "Whether power loss may leave half a batch at the end of the log."
            "断电是否可能在日志末尾留下半个 batch。";
        broker_startup_ms: u64 = "2000", ["broker.startup.ms" Environment Long AtLeast(0), "acklab 0.1", "BrokerServer"]
            "From starting the process to its first registration with the controller."
            "从启动进程到首次向 controller 注册的时间。";
        history_truncation: Truncation = "leader-epoch",
            ["history.truncation" Environment Text OneOf(&["leader-epoch", "high-watermark"]), "acklab 0.1", "KIP-101"]
            "History, to see why leader epochs exist: high-watermark cuts a follower's log as Kafka did before 0.11; no later Kafka does so."
            "历史开关，用来看 leader epoch 为何存在：high-watermark 按 0.11 之前的规则截断 follower 的日志；此后的 Kafka 都不这样做。";
    }
}

impl Environment {
    /// What the disk reads or writes, in bytes a millisecond.
    pub fn disk_bytes_per_ms(&self) -> u32 {
        match self.disk_kind {
            DiskKind::Ssd => 400_000,
            DiskKind::Hdd => 150_000,
        }
    }

    /// What one fsync costs, in microseconds.
    pub fn fsync_us(&self) -> u64 {
        self.disk_fsync_us.unwrap_or(match self.disk_kind {
            DiskKind::Ssd => 500,
            DiskKind::Hdd => 8_000,
        })
    }
}
