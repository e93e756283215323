//! The words of My config.

words! {
    /// The chrome of My config.
    ConfigWords CONFIG_EN CONFIG_ZH ALL_CONFIG:
    title: "Your own configuration", "你自己的配置";
    intro: "Paste what you run in production. Every line is accounted for, then every kind of fault is played against it.", "粘贴生产环境的配置。每一行都有说明，然后逐类播放故障。";
    takes: "server.properties, producer and consumer .properties, Spring Boot application.yml, the output of kafka-topics --describe and kafka-configs --describe --all. Several at once, one after the other.", "支持 server.properties、producer 和 consumer 的 .properties、Spring Boot 的 application.yml，以及 kafka-topics --describe、kafka-configs --describe --all 的输出。可以一次多个，也可以逐个添加。";
    stays: "Nothing leaves this machine: it is read and played in this browser, which also keeps it until you remove it.", "内容不会离开本机：全部在浏览器里解析和模拟，也只保存在本浏览器，直到你移除。";
    pasted: "What you pasted", "你粘贴的内容";
    paste_here: "Paste a file here", "在这里粘贴";
    paste_more: "Paste more", "继续粘贴";
    take: "Check it", "检查";
    open_files: "Open files", "打开文件";
    drop: "or drop files anywhere", "或把文件拖到任意位置";
    example: "Try a typical dangerous configuration", "试试一份典型的危险配置";
    edit: "Edit", "编辑";
    remove: "Remove", "移除";
    done: "Done", "完成";
    cancel: "Cancel", "取消";
    fold: "show or hide the lines", "显示或收起各行";
    did_you_mean: "Did you mean", "是否指";
    ask: "?", "？";
    lines: "lines", "行";
    state_used: "used", "照用";
    state_risk: "dangerous", "危险";
    state_quiet: "no effect", "无影响";
    state_unknown: "unknown", "不认识";
    state_refused: "refused", "被拒绝";
    world: "What is played", "模拟的集群";
    topic: "topic", "topic（主题）";
    profile: "Spring profile", "Spring 的 profile";
    no_profile: "none", "无";
    fewer: "one fewer", "减一";
    one_more: "one more", "加一";
    assumed: "What the files do not say", "文件没有说明的部分";
    fault: "fault", "故障";
    as_pasted: "as pasted", "当前配置";
    with_change: "with the change", "改动之后";
    verdicts: "Verdict of each kind of fault", "各类故障的结论";
    not_yet: "not played yet", "尚未播放";
    playing: "playing", "播放中";
    progress: "played so far", "进度";
    play_row: "Play the worst run of it in the Lab:", "在实验室播放最坏的一次：";
    play_it: "Play it in the Lab", "在实验室播放";
    schedule: "faults, acks and the time without a leader", "故障、ack 和没有 leader 的时间";
    acks: "acks", "ack 时间";
    acks_lost: "acks of what was lost", "丢失消息的 ack";
    change: "The smallest change", "最小的改动";
    copy_diff: "Copy the diff", "复制 diff";
    copied: "Diff copied. It can be given to patch.", "diff 已复制，可直接交给 patch。";
    copy_failed: "The browser refused to copy.", "浏览器拒绝复制。";
    apply: "Apply and re-run", "应用并重新检查";
    leg_safe: "safe", "安全";
    leg_lost: "acked, then lost", "ack 之后丢失";
    leg_twice: "done twice", "重复处理";
    leg_held: "safe, but writes waited", "安全，但写入等待";
    leg_never: "never acked", "从未收到 ack";
}
