// Synapses of a pathway in runs: neighbours in memory whose opposite neurons are neighbours
// too. One run is a plain loop over memory, where a queue of synapse numbers is not.
#ifndef CORTICAL_BCPNN_PATHWAY_RUNS_H
#define CORTICAL_BCPNN_PATHWAY_RUNS_H

#include <cstdint>
#include <map>
#include <vector>

#include "synapses_classes.h"

namespace live {

struct Run {
    int32_t synapse, opposite, length;
};

struct Runs {
    int32_t start, stop;             // neurons whose events the pathway takes
    std::vector<int32_t> of_event;   // first run of each of these neurons, and the end
    std::vector<Run> all;
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

}  // namespace live

#endif
