using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Packed constants by constant and pack key, shared by all plans of a session.</summary>
internal sealed class PackCache : IDisposable
{
    private readonly Dictionary<Key, PackedConstants> _packed = [];
    private readonly Lock _lock = new();

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    public PackedConstants GetOrPack(Candidate candidate, IReadOnlyList<Tensor?> constants, long limit)
    {
        var key = new Key(candidate.PackKey!, [.. constants]);
        lock (_lock)
        {
            if (_packed.TryGetValue(key, out PackedConstants? packed))
                return packed;
            if (candidate.PackedBytes > limit - Bytes)
                throw new LimitExceededException($"packed constants of {candidate.Algorithm.Name} take {candidate.PackedBytes} bytes, over the session's limit of {limit}");
            packed = candidate.Pack(constants);
            Bytes += packed.ByteLength;
            _packed.Add(key, packed);
            return packed;
        }
    }

    public void Dispose()
    {
        foreach (PackedConstants packed in _packed.Values)
            packed.Dispose();
        _packed.Clear();
    }

    private readonly struct Key(string name, ImmutableArray<Tensor?> constants) : IEquatable<Key>
    {
        private readonly string _name = name;
        private readonly ImmutableArray<Tensor?> _constants = constants;

        public bool Equals(Key other)
        {
            if (_name != other._name || _constants.Length != other._constants.Length)
                return false;
            for (int i = 0; i < _constants.Length; i++)
                if (!ReferenceEquals(_constants[i], other._constants[i]))
                    return false;
            return true;
        }

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            int hash = string.GetHashCode(_name, StringComparison.Ordinal);
            foreach (Tensor? constant in _constants)
                hash = unchecked(hash * 31 + RuntimeHelpers.GetHashCode(constant));
            return hash;
        }
    }
}
