//! What kind of file system holds the data folder: some do not keep what was synced, or not where one thinks.

use super::folder::existing_ancestor;
use super::{Check, Look, Subject};

pub const KIND: Check = Check {
    name: "disk.filesystem",
    why: "a node that forgets how it voted may vote twice, which its signatures prove against it",
    look: kind,
};

/// What a kind of file system means for a node.
enum Fitness {
    Good,
    Doubtful(&'static str),
    Bad(&'static str),
}

fn kind(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let folder = existing_ancestor(&config.data);
    let magic = match rustix::fs::statfs(&folder) {
        Ok(system) => system.f_type,
        Err(error) => return Look::Skipped(format!("{}: {error}", folder.display())),
    };
    let (name, fitness) = judge(magic);
    match fitness {
        Fitness::Good => Look::Well(name.to_owned()),
        Fitness::Doubtful(reason) => Look::Warning(
            format!("{name}: {reason}"),
            "put the data folder on a local disk with ext4 or xfs".to_owned(),
        ),
        Fitness::Bad(reason) => Look::Failure(
            format!("{name}: {reason}"),
            "put the data folder on a local disk with ext4 or xfs".to_owned(),
        ),
    }
}

/// The numbers are those of the kernel's `linux/magic.h`.
fn judge(magic: i64) -> (&'static str, Fitness) {
    const NETWORK: &str = "locks and syncs over the network are slow and not always kept";
    match magic & 0xffff_ffff {
        0xef53 => ("ext2, ext3 or ext4", Fitness::Good),
        0x5846_5342 => ("xfs", Fitness::Good),
        0x9123_683e => ("btrfs", Fitness::Good),
        0x2fc1_2fc1 => ("zfs", Fitness::Good),
        0xf2f5_2010 => ("f2fs", Fitness::Good),
        0x0102_1994 => ("tmpfs", Fitness::Bad("it is memory, and empty after a restart")),
        0x8584_58f6 => ("ramfs", Fitness::Bad("it is memory, and empty after a restart")),
        0x794c_7630 => {
            ("overlay", Fitness::Doubtful("a container's own layer goes with the container; mount a volume"))
        }
        0x6969 => ("NFS", Fitness::Doubtful(NETWORK)),
        0xff53_4d42 | 0xfe53_4d42 | 0x517b => ("SMB", Fitness::Doubtful(NETWORK)),
        0x0102_1997 => ("9p", Fitness::Doubtful(NETWORK)),
        0x6573_5546 => ("FUSE", Fitness::Doubtful("whether syncs are kept depends on the program behind it")),
        0x4d44 => ("FAT", Fitness::Doubtful("it has no journal and no permissions")),
        _ => ("a file system that the doctor does not know", Fitness::Good),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_no_disk_and_a_network_no_good_one() {
        assert!(matches!(judge(0x0102_1994), ("tmpfs", Fitness::Bad(_))));
        assert!(matches!(judge(0x6969), ("NFS", Fitness::Doubtful(_))));
        assert!(matches!(judge(0x794c_7630), ("overlay", Fitness::Doubtful(_))));
        assert!(matches!(judge(0xef53), (_, Fitness::Good)));
        // Where the field has 32 bits and a sign, large numbers arrive negative.
        assert!(matches!(judge(i64::from(0x9123_683e_u32 as i32)), ("btrfs", Fitness::Good)));
    }
}
