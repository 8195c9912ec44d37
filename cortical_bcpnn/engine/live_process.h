// Lets the Python process that started this simulation drive it: run time steps, read and
// write state variables, seed random numbers, have synapses look up their sources anew, and leave
// synapses out.
//
// State variables of fixed size live in memory shared with Python. Those that can grow
// (synapses, monitors) are sent on request, or moved to shared memory once they grow no more.
// Requests and replies are three 64-bit integers on a socket.
#ifndef CORTICAL_BCPNN_LIVE_PROCESS_H
#define CORTICAL_BCPNN_LIVE_PROCESS_H

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "brianlib/dynamic_array.h"
#include "network.h"
#include "objects.h"
#include "uniform.h"

namespace live {

enum Operation : int64_t { RUN = 1, SEED, SEEK, READ, WRITE, SHARE, PREPARE, SKIP, QUIT };

#ifdef __GLIBC__
// Arrays of this size and more have pages of their own, which can be moved.
const size_t OWN_PAGES = 1 << 17;
static const bool own_pages = ::mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
#else
const size_t OWN_PAGES = SIZE_MAX;
#endif

struct Message {
    int64_t operation, first, second;
};

class Process {
    int socket_fd, shared_fd;
    char *shared;
    size_t shared_used = 0;
    int64_t steps_done = 0;

    struct GrowingArray {
        std::function<size_t()> bytes;
        std::function<char *()> data;
    };
    std::vector<GrowingArray> growing;
    struct Transmission {
        std::vector<std::function<void()>> prepare;
        std::set<codeobj_func> functions;
        bool skipped;
    };
    std::vector<Transmission> transmissions;
    std::set<codeobj_func> learning_functions;

    bool receive(void *to, size_t bytes) {
        for (size_t done = 0; done < bytes;) {
            const ssize_t n = ::read(socket_fd, static_cast<char *>(to) + done, bytes - done);
            if (n <= 0) return false;  // Python has gone
            done += n;
        }
        return true;
    }
    void send(const void *from, size_t bytes) {
        for (size_t done = 0; done < bytes;) {
            const ssize_t n =
                ::write(socket_fd, static_cast<const char *>(from) + done, bytes - done);
            if (n <= 0) ::_exit(1);
            done += n;
        }
    }
    void reply(int64_t first, int64_t second = 0) {
        const Message message = {0, first, second};
        send(&message, sizeof message);
    }

    // Moves the pages of an array to the file that is shared with Python, a piece at a time, so
    // that there is no second copy. Returns where it is in that file, -1 where there is no room.
    int64_t move_to_shared(char *data, size_t bytes) {
        const size_t page = ::sysconf(_SC_PAGESIZE), piece = 256 * page;
        const size_t inside = reinterpret_cast<uintptr_t>(data) % page;
        const size_t size = (inside + bytes + page - 1) / page * page;
        const size_t start = (shared_used + page - 1) / page * page;
        if (bytes < OWN_PAGES || ::posix_fallocate(shared_fd, start, size)) return -1;
        shared_used = start + size;
        for (size_t done = 0; done < size; done += piece) {
            char *here = data - inside + done;
            const size_t length = std::min(piece, size - done);
            if (::pwrite(shared_fd, here, length, start + done) != ssize_t(length)) ::_exit(1);
            if (::mmap(here, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, shared_fd,
                       start + done) == MAP_FAILED)
                ::_exit(1);
        }
        return start + inside;
    }

    // Whether Python has gone, with nobody left to take the reply.
    bool is_orphan() const {
        pollfd other = {socket_fd, POLLRDHUP, 0};
        return ::poll(&other, 1, 0) > 0 && (other.revents & (POLLRDHUP | POLLHUP));
    }

    // Runs begin and end a little before a time step, so that what clocks do at this step is in
    // the run that begins there, whatever the last bits of the times that they were given.
    static double before(int64_t step, double dt) { return (step - 1e-3) * dt; }

    // As Network::run, which asks for the time after every time step: a call of the system.
    void advance(Network &network, double start, double end) {
        auto &objects = network.objects;
        network.t = start;
        bool one_clock = !objects.empty();
        for (const auto &object : objects) one_clock &= object.first == objects[0].first;
        if (!one_clock) {
            network.run(end - start, nullptr, 10.0);
            return;
        }
        auto *clock = objects[0].first;
        int64_t steps = 0;
        for (clock->set_interval(start, end); clock->running(); clock->tick()) {
            if (++steps % 256 == 0 && is_orphan()) ::_exit(1);
            for (const auto &object : objects)
                if (object.second) object.second();
        }
        network.t = end;
    }

  public:
    Process(const std::vector<std::string> &args, size_t shared_bytes)
        : socket_fd(std::stoi(args[0])), shared_fd(std::stoi(args[1])) {
        void *memory =
            ::mmap(nullptr, shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, 0);
        if (memory == MAP_FAILED) ::_exit(1);
        shared = static_cast<char *>(memory);
    }

    // Move an array of fixed size to shared memory. The order of calls is the order that
    // Python assumes.
    template <class T> void share(T *&array, size_t size) {
        T *target = reinterpret_cast<T *>(shared + shared_used);
        std::memcpy(target, array, size * sizeof(T));
        delete[] array;
        array = target;
        shared_used += (size * sizeof(T) + 63) / 64 * 64;
    }

    template <class T> void grow(std::vector<T> &array) {
        growing.push_back({[&array] { return array.size() * sizeof(T); },
                           [&array] { return reinterpret_cast<char *>(array.data()); }});
    }
    template <class T> void grow(DynamicArray2D<T> &array) {  // of monitors, row by row
        auto *flat = new std::vector<T>;
        growing.push_back({[&array] { return size_t(array.n) * array.m * sizeof(T); },
                           [&array, flat] {
                               flat->clear();
                               for (int row = 0; row < array.n; row++)
                                   for (int column = 0; column < array.m; column++)
                                       flat->push_back(array(row, column));
                               return reinterpret_cast<char *>(flat->data());
                           }});
    }

    void synapses(std::vector<std::function<void()>> prepare, std::set<codeobj_func> transmit) {
        transmissions.push_back({std::move(prepare), std::move(transmit), false});
    }
    void learning(std::set<codeobj_func> functions) { learning_functions = std::move(functions); }

    void serve(Network &network, double dt) {
        // Out of the schedule are objects that only learn, while nothing does, and synapses skipped.
        const auto all = network.objects;
        const auto scheduled = [&](bool learning) {
            std::set<codeobj_func> left_out;
            if (!learning) left_out = learning_functions;
            for (const auto &of : transmissions)
                if (of.skipped) left_out.insert(of.functions.begin(), of.functions.end());
            decltype(network.objects) objects;
            for (const auto &object : all)
                if (!left_out.count(object.second)) objects.push_back(object);
            return objects;
        };
        decltype(network.objects) schedules[] = {scheduled(false), scheduled(true)};

        reply(0);
        Message request;
        while (receive(&request, sizeof request)) {
            switch (request.operation) {
            case RUN: {  // first: time steps; second: whether traces learn
                network.objects = schedules[bool(request.second)];
                advance(network, before(steps_done, dt), before(steps_done + request.first, dt));
                steps_done += request.first;
                reply(steps_done);
                break;
            }
            case SEED:
                for (auto &generator : brian::_random_generators)
                    generator.seed((unsigned long)request.first);
                uniform().seed(request.first);
                reply(0);
                break;
            case SEEK:  // first: time steps since the start
                steps_done = request.first;
                // Clocks follow when a run begins, but for t, which its first step reads.
                for (const auto &object : all) {
                    object.first->set_interval(before(steps_done, dt), before(steps_done, dt));
                    if (auto *clock = dynamic_cast<Clock *>(object.first))  // has a step
                        clock->t[0] = clock->timestep[0] * clock->dt[0];
                }
                reply(0);
                break;
            case READ: {  // first: growing array
                const size_t bytes = growing[request.first].bytes();
                reply(bytes);
                send(growing[request.first].data(), bytes);
                break;
            }
            case WRITE: {  // first: growing array; second: bytes, which follow if there are as many
                const size_t bytes = growing[request.first].bytes();
                reply(bytes);
                if (bytes != size_t(request.second)) break;
                if (!receive(growing[request.first].data(), bytes)) return;
                reply(0);
                break;
            }
            case SHARE: {  // first: growing array
                const size_t bytes = growing[request.first].bytes();
                reply(move_to_shared(growing[request.first].data(), bytes), bytes);
                break;
            }
            case PREPARE:  // first: synapses whose sources have changed
                for (const auto &prepare : transmissions[request.first].prepare) prepare();
                reply(0);
                break;
            case SKIP:  // first: synapses; second: whether they transmit nothing
                transmissions[request.first].skipped = request.second;
                for (bool learning : {false, true}) schedules[learning] = scheduled(learning);
                reply(0);
                break;
            default:
                reply(0);
                return;
            }
        }
    }
};

}  // namespace live

#endif
