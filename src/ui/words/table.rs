//! The tables themselves: one line a word, English and Chinese.
//!
//! Whoever reads one word of a table brings all of it, so what the first screen shows stands apart from the rest.

macro_rules! words {
    ($(#[$of:meta])* $Words:ident $EN:ident $ZH:ident $ALL:ident: $($name:ident: $en:literal, $zh:literal;)*) => {
        $(#[$of])*
        #[allow(missing_docs)]
        #[derive(Debug)]
        pub struct $Words { $(pub $name: &'static str,)* }

        /// English.
        pub const $EN: $Words = $Words { $($name: $en,)* };
        /// Chinese.
        pub const $ZH: $Words = $Words { $($name: $zh,)* };
        /// Name, English and Chinese of every word, for the tests.
        pub const $ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $zh),)*];
    };
}

words! {
    /// The chrome's words that the first screen may show.
    Words EN ZH ALL:
    // top bar
    tagline: "what Kafka keeps, and what it loses", "Kafka 留住什么，又会丢掉什么";
    lessons: "Lessons", "课程";
    sandbox: "Sandbox", "自由实验";
    share: "Share", "分享";
    theme: "theme", "主题";
    theme_auto: "theme: as the system", "主题：跟随系统";
    theme_light: "theme: light", "主题：浅色";
    theme_dark: "theme: dark", "主题：深色";
    help: "help", "帮助";
    menu: "menu", "菜单";
    close: "Close", "关闭";
    // time
    play: "Play", "播放";
    pause: "Pause", "暂停";
    next: "next decisive event", "下一个关键事件";
    speed: "speed", "速度";
    slowed_for_you: "slowed for your eyes", "放慢给你看";
    paused: "paused", "已暂停";
    timeline: "timeline", "时间线";
    decisive: "decisive", "关键事件";
    veil: "hidden until you answer", "先回答，再看后面发生了什么";
    up_to_you: "what comes next is up to you", "接下来由你决定";
    now: "now", "现在";
    // stage
    stage: "cluster", "集群";
    min_isr: "min.isr", "min.isr";
    no_leader: "no leader", "没有 leader";
    unclean: "unclean", "unclean 选举";
    out: "out", "out";
    heartbeats: "heartbeats:", "心跳：";
    fenced_word: "fenced", "已 fenced";
    position: "position", "position";
    committed: "committed", "committed";
    no_replica: "no replica of this partition", "没有这个分区的副本";
    more_faults: "more faults", "更多故障";
    link_faults: "faults of the link", "链路故障";
    cluster: "whole cluster", "整个集群";
    // ledger
    sent: "sent", "已发送";
    acked: "acked", "已 ack";
    lost: "lost", "丢失";
    twice: "twice", "重复";
    every_message: "Every message", "每条消息";
    saved_by: "What would have saved it", "怎样才不会丢";
    apply: "apply", "采用";
    trying: "trying one knob at a time", "正在逐个尝试旋钮";
    and_now: "And now?", "接下来";
    // knobs
    knobs: "Knobs", "旋钮";
    ledger: "Ledger", "账本";
    why: "Why", "为什么";
    // question
    next_beat: "next", "下一步";
    // legend
    first_risk: "promised, one copy so far", "已承诺，目前仅一份";
    first_safe: "promised, on every in-sync broker", "已承诺，ISR 中都有";
    first_doomed: "promised, but on a dead broker only", "已承诺，但只在死掉的 broker 上";
    first_hw: "high watermark: up to here it is safe", "高水位：到这里为止是安全的";
    kill_leader: "Kill the leader", "杀掉 leader";
    compare: "compare side by side", "并排对比";
    space: "space", "空格";
    step: "step", "单步";
}

words! {
    /// The words of what opens later.
    LaterWords LATER_EN LATER_ZH ALL_LATER:
    // top bar
    places: "rooms", "房间";
    place_lab: "Lab", "实验室";
    place_compare: "Compare", "对比";
    place_config: "My config", "我的配置";
    place_hunt: "Hunt", "搜索";
    // terminal
    terminal: "Terminal", "终端";
    terminal_line: "Kafka's tools at this moment (key `)", "在此刻运行 Kafka 自带工具（按键 `）";
    terminal_welcome: "Type help for the list. Tab completes, the arrows recall, Escape closes. What a command changes stands on the timeline, is in the link and can be rewound.", "输入 help 查看列表。Tab 补全，上下键翻历史，Escape 关闭。命令所做的修改会出现在时间轴上，包含在链接里，可以回退。";
    terminal_output: "what was printed", "输出";
    terminal_prompt: "command", "命令";
    terminal_copy: "Copy", "复制";
    terminal_clear: "Clear", "清空";
    copied: "Link copied", "链接已复制";
    copy_failed: "The browser refused to copy. The link is in the address bar.", "浏览器拒绝复制。链接就在地址栏里。";
    // share
    share_address: "address of this run", "这次运行的地址";
    share_link: "Copy link", "复制链接";
    share_link_about: "The address holds the whole experiment: settings, actions, luck.", "地址包含整个实验：配置、操作和随机种子。";
    share_snippet: "Copy embed code", "复制嵌入代码";
    share_snippet_about: "A frame with stage and timeline for a page or wiki of your own.", "把舞台和时间线放进自己的网页或 wiki。";
    snippet_copied: "Embed code copied", "嵌入代码已复制";
    share_file: "Save as file", "保存为文件";
    share_file_about: "JSON that can be read and edited; acklab run plays it, too.", "可读、可改的 JSON；acklab run 也能运行它。";
    no_download: "The browser refused the download.", "浏览器拒绝了下载。";
    open_file: "Open a file", "打开文件";
    open_file_about: "An experiment that was saved before.", "之前保存的实验。";
    no_file: "The browser could not read the file.", "浏览器无法读取该文件。";
    open_whole: "Open in acklab", "在 acklab 中打开";
    // time
    back: "back one event", "后退一个事件";
    forward: "one event", "前进一个事件";
    auto: "auto", "自动";
    auto_slow: "auto slow", "自动慢放";
    auto_on: "let the lab slow down by itself", "由实验室自动慢放";
    playing: "playing", "播放中";
    rewind_hint: "drag to rewind, act to fork", "拖动回放；在过去操作会分叉";
    branches: "Runs", "分支";
    runs_title: "Runs and bookmarks", "分支与书签";
    bookmarks: "Bookmarks", "书签";
    bookmark_now: "Bookmark this moment", "给此刻加书签";
    run_name: "name of the run", "分支名称";
    bookmark_name: "name of the bookmark", "书签名称";
    remove: "remove", "删除";
    on_screen: "on the screen", "当前";
    runs_hint: "Act in the past, and the run you leave stays here. Runs and bookmarks are kept in this browser; the link shares the run on the screen.", "在过去操作，离开的那次运行会留在这里。分支与书签保存在本浏览器；链接分享的是当前这次运行。";
    branch_back: "bring this run back", "回到这次运行";
    // ledger
    pick_message: "Pick a message to see its life.", "点一条消息，看它的一生。";
    reading: "Read on", "延伸阅读";
    // knobs
    more_knobs: "more", "更多";
    fewer_knobs: "fewer", "收起";
    default_is: "default", "默认";
    // question
    prediction: "prediction", "预测";
    you: "you", "你";
    run: "run", "实际";
    // help
    help_title: "Keys", "快捷键";
    key_space: "play or pause", "播放或暂停";
    key_arrows: "one event back or on", "前后一个事件";
    key_dot: "decisive event before, after", "前后一个关键事件";
    key_b: "bookmark this moment", "给此刻加书签";
    key_speed: "slower, faster", "减速、加速";
    key_digits: "answer the question", "回答问题";
    key_enter: "go on", "继续";
    key_help: "this card", "打开本卡片";
    fidelity: "How true it is", "有多真实";
    fidelity_text: "Every rule that the model follows, with Kafka's class or KIP and the stories that show it: each was recorded from a real Apache Kafka 4.3 cluster and is replayed by the tests. What is simplified stands at the end.", "模型遵循的每条规则，附有 Kafka 的类或 KIP，以及展示它的记录：每条记录都来自真实的 Apache Kafka 4.3 集群，并由测试重放。简化之处列在最后。";
    glossary: "Glossary", "名词表";
    key_clicker: "in teacher mode: on, back", "教师模式：前进、后退";
    key_reveal: "in teacher mode: reveal", "教师模式：揭晓";
    // for who learns and who teaches
    next_lesson: "Next:", "下一课：";
    teacher_mode: "Teacher mode", "教师模式";
    lab_sheet: "Lab sheet", "实验单";
    report: "My report", "学习报告";
    reset: "Reset progress", "清除进度";
    reset_sure: "Forget which lessons you opened, what you predicted and what you saw?", "清除打开过的课程、预测和看过的结局？";
    opened: "opened", "打开过";
    predicted_right: "predicted right", "预测正确";
    predicted_wrong: "predicted wrong", "预测错误";
    bad_seen: "bad ending seen", "看过坏结局";
    good_seen: "good ending seen", "看过好结局";
    veiled: "Verdict, fates and why are hidden.", "结论、每条消息的结果和原因都还隐藏着。";
    reveal: "Reveal", "揭晓";
    answer_out: "The answer is out.", "结果已经出来了。";
    print: "Print", "打印";
    sheet_question: "Predict", "先预测";
    sheet_because: "Because:", "理由：";
    sheet_setup: "Set-up: what differs from the defaults", "设置：与默认值不同的部分";
    sheet_config: "config", "配置";
    sheet_value: "here", "这里";
    sheet_observe: "Observe", "观察";
    sheet_found: "What came out, and what would have saved it", "实际结果，以及怎样才不会这样";
    sheet_link: "The experiment:", "实验链接：";
    help_more: "Drag the timeline to rewind. Acting in the past forks the run; the old one can be brought back.", "拖动时间线可回放。在过去操作会分叉，旧的运行可以找回来。";
    // price
    price_title: "What safety costs here", "安全在这里的代价";
    price_open: "What it costs", "看看代价";
    price_line: "Each configuration runs calmly at 50 orders a second, then with 5000 orders at once, then with one fault at a time: the same luck for all. Half of the answers come before the solid line, 99 of 100 before the dotted one.", "每种配置先以每秒 50 条平稳运行，再一次交出 5000 条订单，然后逐个加上故障，随机数都相同。一半的应答在实线之前，100 次中有 99 次在虚线之前。";
    price_chart: "chart", "图表";
    price_table: "table", "表格";
    price_ack: "time to the ack", "ack 用时";
    price_log: "log scale", "对数刻度";
    price_load: "orders per second", "每秒订单数";
    price_at_once: "all handed over at once", "一次全部交出";
    price_now: "now", "当前";
    price_play: "play this", "这样运行";
    price_veiled: "What each of them keeps is shown after your answer.", "各自能保住什么，回答之后再看。";
    price_twice: "twice", "条重复";
    price_not_taken: "failed or waiting", "条失败或在等";
    price_measuring: "not measured yet", "尚未测量";
    price_runs: "runs measured", "次运行已测量";
    price_more: "compare everything", "比较全部";
    price_less: "only what this is about", "只看本课相关";
    price_keeps: "keeps every acked order", "已 ack 的一条不丢";
    price_loses: "loses some", "丢失一部分";
    price_batches: "An append is flushed once, so the orders of a batch share one fsync.", "一次追加只 fsync 一次，同一批的订单共用它。";
    price_settings: "Disk and network times are settings of this lab, not of your machine; processors take no time here.", "磁盘和网络的时间是本实验室的设置，不是你的机器；这里不计处理器时间。";
    price_copied: "Table copied as CSV", "表格已复制为 CSV";
    price_copy_failed: "The browser refused to copy.", "浏览器拒绝复制。";
    // compare
    cmp_first: "First difference,", "首次不同";
    cmp_none: "Both do the same: nothing that is done here needs what differs.", "两边完全一样：这里发生的事与不同之处无关。";
    cmp_equal: "B is as A. Turn a knob of B.", "B 与 A 相同。请改动 B 的一个配置。";
    cmp_change: "Change B", "修改 B";
    cmp_back: "as in A again", "恢复为与 A 相同";
    cmp_take: "Go on with B in the Lab", "带着 B 回到实验室";
    cmp_costs: "B against A", "B 与 A 相比";
    cmp_as_a: "as in A", "与 A 相同";
    cmp_sides: "A and B", "A 与 B";
    cmp_what: "number", "指标";
    cmp_run: "compare with the run on the screen", "与当前运行对比";
    cmp_decides: "here the fates part", "命运从这里分开";
    // log files
    files_title: "Log files", "日志文件";
    files_note: "batches, flushed line, epochs", "batch、落盘位置、epoch";
    files_beside: "beside", "旁边";
    files_off: "its process does not run", "进程未运行";
    files_flushed: "flushed to the disk up to", "已落盘到";
    files_recovery: "recovery point", "恢复点 recovery point";
    files_dirty: "in the page cache alone", "仅在页缓存";
    files_segments: "segments from", "segment 起点";
    files_records: "records", "记录";
    files_bytes: "bytes", "字节";
    // hunt
    hunt_title: "Find a schedule that loses or doubles an acked message", "找出一组使已 ack 消息丢失或重复的故障";
    hunt_start: "Start", "开始";
    hunt_stop: "Stop", "停止";
    hunt_on: "Go on", "继续";
    hunt_again: "From the start", "重新开始";
    hunt_scope: "Change scope", "更改范围";
    hunt_where: "In", "目标";
    hunt_most: "Faults each, at most", "每组故障至多";
    hunt_runs: "Schedules", "组数";
    hunt_seed: "Seed", "种子";
    hunt_one: "one at a time, all whole in between", "一次一个，其间完全恢复";
    hunt_kinds: "What may fail", "可能的故障";
    hunt_best: "The smallest schedule", "最小的故障组合";
    hunt_none: "No harmful schedule yet", "还没有找到有害的组合";
    hunt_known: "Advised, and known to break", "推荐配置与已知漏洞";
    hunt_shrank: "How it shrank", "如何缩小";
    hunt_after: "run", "第几次运行";
    hunt_faults: "faults", "故障数";
    hunt_gone: "what changed", "变化";
    hunt_tries: "What the hunt tries", "搜索在试什么";
    hunt_play: "Play it in the Lab", "在实验室播放";
    hunt_copy: "Copy link", "复制链接";
    hunt_saved: "What would have saved it", "怎样才能避免";
    hunt_every: "Every single fault, at every step", "每一个单点故障，在每个时刻";
    hunt_every_line: "Exhaustive: one mark is that fault at that step of the run.", "穷举：一个标记是某个故障发生在运行的某个时刻。";
    hunt_fault: "fault", "故障";
    hunt_played: "runs", "运行次数";
    hunt_harmful: "harmful", "有害次数";
    hunt_first: "first harm, fault at", "首次有害的时刻";
    // trouble
    panic_title: "The lab stopped.", "实验室停住了。";
    panic_text: "This is a fault of the lab, not of your experiment. The link below opens the same run again; please report it together with the text.", "这是实验室的故障，与你的实验无关。下面的链接可以重新打开同一次运行；报告时请附上这段文字。";
    panic_reload: "Open it again", "重新打开";
    // legend
    leg_disk: "on disk", "已落盘";
    leg_cache: "page cache only", "仅在 page cache";
    leg_risk: "acked, one copy", "已 ack，仅一份";
    leg_doomed: "to be cut", "将被截断";
    leg_hw: "HW high watermark", "HW 高水位";
    leg_leo: "LEO log end", "LEO 日志末端";
}
