// Synapses of a pathway in runs: neighbours in memory whose opposite neurons are neighbours
// too. One run is a plain loop over memory, where a queue of synapse numbers is not.
#ifndef CORTICAL_BCPNN_PATHWAY_RUNS_H
#define CORTICAL_BCPNN_PATHWAY_RUNS_H

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "synapses_classes.h"

namespace live {

struct Run {
    int32_t synapse, opposite, length;
};

const int32_t AHEAD = 4;  // runs between one that is taken and one that is fetched

template <class T> inline void prefetch(const T *from, int32_t number) {
    const char *address = reinterpret_cast<const char *>(from);
    const int32_t bytes = std::min<int32_t>(number * sizeof(T), 1024);  // then processors see
    for (int32_t byte = 0; byte < bytes; byte += 64) __builtin_prefetch(address + byte);
}

struct Runs {
    int32_t start, stop;            // neurons whose events the pathway takes
    std::vector<int32_t> of_event;  // first run of each of these neurons, and the end
    std::vector<Run> all;

    // First run of an event, and the end of its runs; none where the pathway does not take it.
    const Run *first(int32_t event) const {
        return event < start || event >= stop ? nullptr : all.data() + of_event[event - start];
    }
    const Run *last(int32_t event) const {
        return event < start || event >= stop ? nullptr : all.data() + of_event[event - start + 1];
    }
};

inline Runs &runs(const SynapticPathway *pathway) {
    static std::map<const SynapticPathway *, Runs> of_pathway;
    return of_pathway[pathway];
}

// Takes the lists of synapses that the pathway has just prepared, and frees them.
inline void find_runs(SynapticPathway &pathway, const std::vector<int32_t> &opposite) {
    CSpikeQueue &queue = *pathway.queue[0];
    Runs &found = runs(&pathway);
    found.start = queue.source_start;
    found.stop = queue.source_end;
    found.of_event.assign(1, 0);
    found.all.clear();
    for (std::vector<int> &synapses : queue.synapses) {
        const size_t first_run = found.all.size();
        for (const int32_t synapse : synapses) {
            if (found.all.size() > first_run) {
                Run &last = found.all.back();
                if (synapse == last.synapse + last.length &&
                    opposite[synapse] == last.opposite + last.length) {
                    last.length++;
                    continue;
                }
            }
            found.all.push_back({synapse, opposite[synapse], 1});
        }
        found.of_event.push_back(found.all.size());
        std::vector<int>().swap(synapses);
    }
}

// Synapses between all pairs lie in the order of the neurons whose events the pathway takes.
inline void all_pairs(SynapticPathway &pathway, int32_t opposite_neurons) {
    const CSpikeQueue &queue = *pathway.queue[0];
    Runs &found = runs(&pathway);
    found.start = queue.source_start;
    found.stop = queue.source_end;
    found.of_event.assign(1, 0);
    found.all.clear();
    for (int32_t k = 0; k < found.stop - found.start; k++) {
        found.all.push_back({k * opposite_neurons, 0, opposite_neurons});
        found.of_event.push_back(k + 1);
    }
}

}  // namespace live

#endif
