//! The things that goroutines wait for.

/// What goroutines wait for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Awaited {
    Channel,
    Mutex,
    /// `sync.RWMutex`, by its semaphores, whose place in it is not known.
    RwMutex,
    WaitGroup,
    Semaphore,
}

impl Awaited {
    /// Whose method a function is, where it is one that waits.
    pub(in crate::postmortem) fn of_method(function: &str) -> Option<Awaited> {
        const METHODS: [(&str, Awaited); 3] = [
            ("sync.(*RWMutex).", Awaited::RwMutex),
            ("sync.(*Mutex).", Awaited::Mutex),
            ("sync.(*WaitGroup).", Awaited::WaitGroup),
        ];
        METHODS.iter().find(|(method, _)| function.contains(method)).map(|(_, what)| *what)
    }

    pub fn name(self) -> &'static str {
        match self {
            Awaited::Channel => "channel",
            Awaited::Mutex => "sync.Mutex",
            Awaited::RwMutex => "sync.RWMutex",
            Awaited::WaitGroup => "sync.WaitGroup",
            Awaited::Semaphore => "semaphore",
        }
    }
}
