// Lets the Python process that started this simulation drive it: run time steps, read and
// write state variables, seed random numbers, and have synapses look up their sources anew.
//
// State variables of fixed size live in memory shared with Python. Those that can grow
// (synapses, monitors) are copied through a second shared file on request. Requests and
// replies are three 64-bit integers on a socket.
#ifndef CORTICAL_BCPNN_LIVE_PROCESS_H
#define CORTICAL_BCPNN_LIVE_PROCESS_H

#include <cstdint>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "brianlib/dynamic_array.h"
#include "network.h"
#include "objects.h"

namespace live {

enum Operation : int64_t { RUN = 1, SEED, SEEK, READ, WRITE, PREPARE, QUIT };

struct Message {
    int64_t operation, first, second;
};

class Process {
    int socket_fd, transfer_fd;
    char *shared;
    size_t shared_used = 0;
    int64_t steps_done = 0;

    struct GrowingArray {
        std::function<size_t()> bytes;
        std::function<void(char *)> read;
        std::function<void(const char *)> write;
    };
    std::vector<GrowingArray> growing;
    std::vector<std::vector<std::function<void()>>> pathways;
    std::set<codeobj_func> learning_functions;

    bool receive(Message &message) {
        char *buffer = reinterpret_cast<char *>(&message);
        for (size_t done = 0; done < sizeof(Message);) {
            const ssize_t n = ::read(socket_fd, buffer + done, sizeof(Message) - done);
            if (n <= 0) return false;  // Python has gone
            done += n;
        }
        return true;
    }
    void reply(int64_t first, int64_t second = 0) {
        const Message message = {0, first, second};
        if (::write(socket_fd, &message, sizeof(Message)) != sizeof(Message)) ::_exit(1);
    }
    char *map_transfer(size_t bytes) {
        void *memory =
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, transfer_fd, 0);
        if (memory == MAP_FAILED) ::_exit(1);
        return static_cast<char *>(memory);
    }

  public:
    Process(const std::vector<std::string> &args, size_t shared_bytes)
        : socket_fd(std::stoi(args[0])), transfer_fd(std::stoi(args[2])) {
        void *memory = ::mmap(nullptr, shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                              std::stoi(args[1]), 0);
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
                           [&array](char *to) {
                               std::memcpy(to, array.data(), array.size() * sizeof(T));
                           },
                           [&array](const char *from) {
                               std::memcpy(array.data(), from, array.size() * sizeof(T));
                           }});
    }
    template <class T> void grow(DynamicArray2D<T> &array) {
        growing.push_back({[&array] { return size_t(array.n) * array.m * sizeof(T); },
                           [&array](char *to) {
                               for (int row = 0; row < array.n; row++)
                                   for (int column = 0; column < array.m; column++)
                                       reinterpret_cast<T *>(to)[row * array.m + column] =
                                           array(row, column);
                           },
                           [](const char *) {}});
    }

    void pathway(std::vector<std::function<void()>> prepare) {
        pathways.push_back(std::move(prepare));
    }
    void learning(std::set<codeobj_func> functions) { learning_functions = std::move(functions); }

    void serve(Network &network, double dt) {
        // While nothing learns, objects that only learn are left out of the schedule.
        const auto all = network.objects;
        std::vector<std::pair<Clock *, codeobj_func>> without_learning;
        for (const auto &object : all)
            if (!learning_functions.count(object.second)) without_learning.push_back(object);

        reply(0);
        Message request;
        while (receive(request)) {
            switch (request.operation) {
            case RUN: {  // first: time steps; second: whether traces learn
                network.objects = request.second ? all : without_learning;
                network.t = steps_done * dt;
                network.run((steps_done + request.first) * dt - network.t, nullptr, 10.0);
                steps_done += request.first;
                reply(steps_done);
                break;
            }
            case SEED:
                for (auto &generator : brian::_random_generators)
                    generator.seed((unsigned long)request.first);
                reply(0);
                break;
            case SEEK:  // first: time steps since the start
                steps_done = request.first;
                // Clocks follow when a run begins, but for t, which its first step reads.
                for (const auto &object : all) object.first->t[0] = steps_done * object.first->dt[0];
                reply(0);
                break;
            case READ: {  // first: growing array
                const size_t bytes = growing[request.first].bytes();
                if (bytes) {
                    struct stat file;
                    if (::fstat(transfer_fd, &file)) ::_exit(1);
                    if (size_t(file.st_size) < bytes && ::ftruncate(transfer_fd, bytes)) ::_exit(1);
                    char *memory = map_transfer(bytes);
                    growing[request.first].read(memory);
                    ::munmap(memory, bytes);
                }
                reply(bytes);
                break;
            }
            case WRITE: {  // first: growing array; second: bytes, already in transfer
                const size_t bytes = growing[request.first].bytes();
                if (bytes == size_t(request.second) && bytes) {
                    char *memory = map_transfer(bytes);
                    growing[request.first].write(memory);
                    ::munmap(memory, bytes);
                }
                reply(bytes);
                break;
            }
            case PREPARE:  // first: synapses whose sources have changed
                for (const auto &prepare : pathways[request.first]) prepare();
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
